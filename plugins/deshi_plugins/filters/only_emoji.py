"""The filter `only-emoji`: drops labels from answers with anything but emoji in them."""

from __future__ import annotations

from collections.abc import Sequence

from deshi.api import Drop, Env, Item, Keep, NoParams, Verdict


class OnlyEmoji:
    """Reads answers strictly: what a lenient reader picks out of prose is no label here.

    The teacher's first answer decides. Separators (spaces, 、 and the like) are no text.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the number of pieces that are no emoji."""
        return [
            Drop("other-text", str(item.unknown[0])) if item.unknown and item.unknown[0] else Keep()
            for item in items
        ]
