"""A row's value on parts of the test set: where is it good, where bad?

Texts are cut by their length, by the document they come from, and by how often training showed the
emoji of their gold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from deshi.statistics.intervals import Bounds, fixed_models_interval
from deshi.statistics.replicates import RowScores, replicate
from deshi.statistics.resampling import Documents, Resamples

if TYPE_CHECKING:
    from deshi.api import Expected, Metric

_LENGTHS = ((20, "up to 20"), (40, "21 to 40"), (60, "41 to 60"))
_LONGER = "over 60"
_UNSEEN, _NO_GOLD = "never in training", "no gold emoji"
_ORDER = (*(name for _, name in _LENGTHS), _LONGER, "frequent", "middle", "rare", _UNSEEN, _NO_GOLD)
_RARE = 5
_HALF = 0.5


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the test set: the value on its texts, with the 95 % interval for new documents.

    The interval is for these very models; where there is none, `reason` says why.
    """

    by: str
    name: str
    texts: int
    documents: int
    value: float | None
    low: float | None
    high: float | None
    reason: str = ""


def slices(
    metric: Metric,
    runs: Sequence[Any],
    names: Mapping[str, Sequence[str]],
    documents: Sequence[str],
    *,
    bounds: Bounds,
    resamples: int,
) -> Iterator[Slice]:
    """Yield each slice: lengths and classes in their order, documents as they come.

    `names` gives, for each way to cut, the slice of each text; `runs` are counts per text.
    """
    units = np.asarray(documents)
    for by, each in names.items():
        own = np.asarray(each)
        for name in sorted(dict.fromkeys(each), key=_place):
            inside = np.flatnonzero(own == name)
            drawn = Documents.of(units[inside].tolist())
            samples = Resamples.draw(drawn, resamples if len(drawn) > 1 else 1, 0)
            row = RowScores([run[inside] for run in runs])
            found = fixed_models_interval(replicate(metric, [row], samples)[0], bounds)
            yield Slice(
                by=by,
                name=name,
                texts=len(inside),
                documents=len(drawn),
                value=found.value,
                low=found.low,
                high=found.high,
                reason=found.reason,
            )


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def length_slice(text: str) -> str:
    """Return the slice of a text by its number of characters."""
    return next((name for most, name in _LENGTHS if len(text) <= most), _LONGER)


def frequency_classes(counts: Mapping[str, int]) -> dict[str, str]:
    """Call each training emoji frequent, middle or rare, from the texts that carry it.

    Rare ones are in fewer than five training texts; frequent are those that, the most frequent first,
    make up half of all labels.
    """
    total, above = sum(counts.values()), 0
    found = {}
    for emoji, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        common = "frequent" if above < _HALF * total else "middle"
        found[emoji] = "rare" if count < _RARE else common
        above += count
    return found


def frequency_slice(
    expected: Expected, counts: Mapping[str, int], classes: Mapping[str, str]
) -> str:
    """Return the slice of a text by that emoji of its gold that training showed most often."""
    gold = {emoji for reference in expected.references for emoji in reference}
    if not gold:
        return _NO_GOLD
    best = max(sorted(gold), key=lambda emoji: counts.get(emoji, 0))
    return classes.get(best, _UNSEEN)
