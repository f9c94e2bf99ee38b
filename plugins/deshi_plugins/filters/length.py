"""The filter `length`: drops texts that are too short or too long."""

from __future__ import annotations

from collections.abc import Sequence

from deshi.api import Drop, Env, Item, Keep, UsageError, Verdict
from deshi_plugins.filters.params import LengthParams


class Length:
    """Keeps texts of `min` to `max` characters, counted as Unicode code points."""

    def __init__(self, params: LengthParams, env: Env) -> None:
        if params.min > params.max:
            raise UsageError(
                f"min = {params.min} is more than max = {params.max}",
                where="filter length",
                mend="no text could pass; exchange the two",
            )
        self.params = params
        self.env = env

    def judge(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict an item; the detail is the number of characters."""
        return [self._judged(len(item.text.text)) for item in items]

    def _judged(self, characters: int) -> Verdict:
        if characters < self.params.min:
            return Drop("too-short", str(characters))
        if characters > self.params.max:
            return Drop("too-long", str(characters))
        return Keep()
