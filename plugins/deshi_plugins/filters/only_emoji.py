"""The filter `only-emoji`: drops labels parsed from answers with non-emoji text."""

from __future__ import annotations

from collections.abc import Sequence

from deshi.api import Drop, Env, Item, Keep, NoParams, Verdict


class OnlyEmoji:
    """Strict parsing: emoji within prose are no labels.

    The teacher's first answer decides. Separators (spaces, 、 and the like) are no text.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the number of non-emoji tokens."""
        return [
            Drop("other-text", str(item.unknown[0])) if item.unknown and item.unknown[0] else Keep()
            for item in items
        ]
