"""The filter `emoji-count`: drops labels with too few or too many emoji."""

from __future__ import annotations

from collections.abc import Sequence

from deshi.api import Drop, Emojis, Env, Item, Keep, UsageError, Verdict
from deshi_plugins.filters.params import EmojiCountParams


class EmojiCount:
    """Keeps items whose first label set has `min` to `max` emoji, repetitions counted."""

    def __init__(self, params: EmojiCountParams, env: Env) -> None:
        if params.min > params.max:
            raise UsageError(
                f"min = {params.min} is more than max = {params.max}",
                where="filter emoji-count",
                fix="no label could pass; exchange the two",
            )
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the number of emoji."""
        return [self._verdict(item.samples[0] if item.samples else ()) for item in items]

    def _verdict(self, gold: Emojis) -> Verdict:
        if not gold:
            return Drop("no-emoji", "0")
        if len(gold) < self.params.min:
            return Drop("too-few-emoji", str(len(gold)))
        if len(gold) > self.params.max:
            return Drop("too-many-emoji", str(len(gold)))
        return Keep()
