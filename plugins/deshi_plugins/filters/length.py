"""The filter `length`: drops texts that are too short or too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Env, Item, Keep, NotReadyError, UsageError, Verdict, install_command
from deshi_plugins.filters.columns import verdicts
from deshi_plugins.filters.params import LengthParams
from deshi_plugins.teachers.morphemes import fit


class Length:
    """Keeps texts of `min` to `max` characters or tokens.

    Characters are Unicode code points; tokens are the morphemes of fugashi with unidic-lite.
    """

    def __init__(self, params: LengthParams, env: Env) -> None:
        if params.min > params.max:
            raise UsageError(
                f"min = {params.min} is more than max = {params.max}",
                where="filter length",
                fix="no text could pass; exchange the two",
            )
        self.params = params
        self.env = env
        self._count: Callable[[str], int] | None = None

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the number of characters, or `12 tokens`.

        Raises:
            NotReadyError: tokens are to be counted and fugashi is not installed.
        """
        if self.params.unit == "characters":
            return [self._verdict(len(item.text.text)) for item in items]
        count = self._tokens()
        return [self._verdict(count(item.text.text), " tokens") for item in items]

    def decide_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the verdicts of `decide`, in columns."""
        lengths, unit = pc.utf8_length(batch["text"]), ""
        if self.params.unit == "tokens":
            lengths = pa.array(map(self._tokens(), batch["text"].to_pylist()), pa.int64())
            unit = " tokens"
        short = pc.less(lengths, self.params.min)
        dropped = pc.or_(short, pc.greater(lengths, self.params.max))
        why = pc.if_else(short.filter(dropped), "too-short", "too-long")
        shown = lengths.filter(dropped).cast(pa.string())
        none = pa.nulls(len(lengths), pa.string())
        return verdicts(
            reason=pc.replace_with_mask(none, dropped, why),
            detail=pc.replace_with_mask(
                none, dropped, pc.binary_join_element_wise(shown, unit, "")
            ),
        )

    def _verdict(self, length: int, unit: str = "") -> Verdict:
        if length < self.params.min:
            return Drop("too-short", f"{length}{unit}")
        if length > self.params.max:
            return Drop("too-long", f"{length}{unit}")
        return Keep()

    def _tokens(self) -> Callable[[str], int]:
        if self._count is None:
            self._count = _token_counter()
        return self._count


def _token_counter() -> Callable[[str], int]:
    try:
        from fugashi import Tagger
    except ImportError:
        raise NotReadyError(
            'unit = "tokens" needs fugashi and unidic-lite',
            where="filter length",
            fix=f"run `{install_command('offline')}`",
        ) from None
    tagger = Tagger("-Owakati")
    return lambda text: sum(len(tagger.parse(part).split()) for part in fit(text))
