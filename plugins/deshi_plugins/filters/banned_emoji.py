"""The filter `banned-emoji`: no label with an emoji that the prompt forbids."""

from __future__ import annotations

from collections.abc import Sequence

from deshi.api import Env, Item, UsageError, Verdict
from deshi.emoji import canonical
from deshi_plugins.filters.label_restriction import restrict_labels
from deshi_plugins.filters.params import BannedEmojiParams


class BannedEmoji:
    """Removes banned emoji from labels, with or without the text."""

    def __init__(self, params: BannedEmojiParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._banned = frozenset(map(_canonical, params.emojis))

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail names the banned emoji of the gold."""
        return [
            restrict_labels(
                item,
                allowed=lambda emoji: emoji not in self._banned,
                action=self.params.action,
                reason="banned-emoji",
            )
            for item in items
        ]


def _canonical(symbol: str) -> str:
    emoji = canonical(symbol)
    if emoji is None:
        raise UsageError(
            f"{symbol!r} in `emojis` is not one emoji",
            where="filter banned-emoji",
            fix='write one emoji per string, as in emojis = ["✨", "🎉"]',
        )
    return emoji
