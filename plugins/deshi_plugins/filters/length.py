"""The filter `length`: drops texts that are too short or too long."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Env, Item, Keep, UsageError, Verdict
from deshi_plugins.filters.columns import verdicts
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

    def judge_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return what `judge` says, in columns."""
        characters = pc.utf8_length(batch["text"])
        short = pc.less(characters, self.params.min)
        long = pc.greater(characters, self.params.max)
        none = pa.scalar(None, pa.string())
        reason = pc.if_else(short, "too-short", pc.if_else(long, "too-long", none))
        detail = pc.if_else(pc.or_(short, long), characters.cast(pa.string()), none)
        return verdicts(reason=reason, detail=detail)

    def _judged(self, characters: int) -> Verdict:
        if characters < self.params.min:
            return Drop("too-short", str(characters))
        if characters > self.params.max:
            return Drop("too-long", str(characters))
        return Keep()
