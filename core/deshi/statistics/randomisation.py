"""Approximate randomisation: could two rows' predictions, swapped by document, differ as much?

The test of fixed models. If it makes no difference which row a document's predictions came from,
swapping them in any set of documents gives as likely a table (Noreen 1989; Riezler and Maxwell 2005).
Whole documents are swapped, all runs at once. With c swaps out of R at least as far from 0 as the
observed difference, within 1e-12 for ties,

    p = (c + 1) / (R + 1)

and p = c / 2^D over all swaps where these are not more than R. D documents give no p below 2 / 2^D:
where that is too much for a family of comparisons there is no verdict, however far apart rows are.

The metric is taken of summed counts, so it may be any function of them. A row's value is the mean over
its runs: run j of one row swaps with run j of the other, the shorter row repeating itself. For metrics
that are linear in their sums the mean counts over runs give the same, in a fraction of the time.

Swaps are shared by all pairs. Memory: resamples × documents / 8 bytes, and blocks of `CELLS` numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, lcm, log2
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import hstack, issparse

from deshi.statistics.holm import ALPHA
from deshi.statistics.intervals import ONE_DOCUMENT, UNDEFINED
from deshi.statistics.replicates import dense, values_of
from deshi.statistics.resampling import CELLS
from deshi.statistics.test_outcome import Method, PairedResult

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.api.records import Array
    from deshi.statistics.replicates import RowScores
    from deshi.statistics.resampling import Counts, Documents

    Packed: TypeAlias = np.typing.NDArray[np.uint8]

TIE = 1e-12
"""A swap that comes this near to the observed difference counts as having reached it."""
_PROBES = 16


@dataclass(frozen=True)
class _Swaps:
    """Which documents are swapped in each of `count` tries, (count, documents) packed to bits."""

    packed: Packed
    documents: int
    exact: bool

    @classmethod
    def of(cls, documents: int, resamples: int, seed: int) -> _Swaps:
        if 2**documents <= resamples:
            numbers = np.arange(2**documents, dtype=np.uint32)
            bits = (numbers[:, np.newaxis] >> np.arange(documents, dtype=np.uint32)) & 1
            return cls(np.packbits(bits.astype(bool), axis=1), documents, exact=True)
        rng = np.random.default_rng(seed)
        packed = rng.integers(0, 256, size=(resamples, -(-documents // 8)), dtype=np.uint8)
        return cls(packed, documents, exact=False)

    @property
    def count(self) -> int:
        return len(self.packed)

    def blocks(self, width: int) -> Iterator[Array]:
        """Yield ones where a document is swapped, blocks of (tries, documents)."""
        step = max(1, CELLS // max(1, width, self.documents))
        for start in range(0, self.count, step):
            bits = np.unpackbits(self.packed[start : start + step], axis=1, count=self.documents)
            yield bits.astype(np.float64)


@dataclass(frozen=True)
class _Pair:
    """What swapping changes: `moved` (documents, joined · k) is a - b, `a` and `b` (1, joined · k).

    `a` and `b` are totals; as many pairs of runs as are joined stand one beside the other.
    """

    moved: Counts
    a: Array
    b: Array
    joined: int

    @classmethod
    def of(cls, a: Sequence[Counts], b: Sequence[Counts]) -> _Pair:
        """Join run j of one row to run j of the other, until both have come out even."""
        joined = lcm(len(a), len(b))
        ours = [a[j % len(a)] for j in range(joined)]
        theirs = [b[j % len(b)] for j in range(joined)]
        moved = [x - y for x, y in zip(ours, theirs, strict=True)]
        side_by_side = moved[0] if joined == 1 else _beside(moved)
        return cls(side_by_side, _totals(ours), _totals(theirs), joined)


def randomise(
    metric: Metric,
    pairs: Sequence[tuple[RowScores, RowScores]],
    documents: Documents,
    *,
    resamples: int = 10_000,
    seed: int,
) -> list[PairedResult]:
    """Return for each pair a - b and the p of the two-sided test; the interval is left open.

    A swap after which the metric is undefined counts as having reached the difference.
    """
    swaps = _Swaps.of(len(documents), resamples, seed)
    outcomes: list[PairedResult] = []
    for batch in _batches(metric, pairs, documents):
        observed = _differences(metric, batch, np.zeros((1, len(documents))), documents)[:, 0]
        as_far = np.zeros(len(batch))
        known = np.isfinite(observed).any() and len(documents) > 1
        for swapped in swaps.blocks(sum(pair.a.size for pair in batch)) if known else ():
            found = np.abs(_differences(metric, batch, swapped, documents))
            far = np.abs(observed)[:, np.newaxis] - TIE
            as_far += (~(found < far)).sum(axis=1)
        outcomes += [_outcome(*each, swaps) for each in zip(observed, as_far, strict=True)]
    return outcomes


def swaps_for(family: int) -> int:
    """Return how many swaps to draw, so that the smallest p stays below alpha after Holm."""
    return max(10_000, 40 * family)


def too_few_documents(documents: int, family: int, *, alpha: float = ALPHA) -> str:
    """Say why a family of so many comparisons can have no verdict on these documents; "" if it can."""
    floor = 2.0 ** (1 - documents)
    if floor * family <= alpha:
        return ""
    times = f", times {family} comparisons" if family > 1 else ""
    least = ceil(1 + log2(family / alpha))
    return f"{documents} documents allow no p below {floor:.3g}{times}; it needs at least {least}"


def _outcome(observed: float, as_far: float, swaps: _Swaps) -> PairedResult:
    method: Method = "exact randomisation" if swaps.exact else "approximate randomisation"
    if not np.isfinite(observed):
        return PairedResult(None, None, None, None, "none", UNDEFINED)
    if swaps.documents < 2:
        return PairedResult(float(observed), None, None, None, "none", ONE_DOCUMENT)
    p = as_far / swaps.count if swaps.exact else (as_far + 1) / (swaps.count + 1)
    return PairedResult(float(observed), None, None, float(p), method)


def _batches(
    metric: Metric, pairs: Sequence[tuple[RowScores, RowScores]], documents: Documents
) -> Iterator[list[_Pair]]:
    """Yield pairs by as many as one product can serve: dense ones up to `CELLS`, a sparse one alone."""
    sums: dict[int, list[Counts]] = {}
    batch: list[_Pair] = []
    width = 0
    for pair in pairs:
        for row in pair:
            if id(row) not in sums:
                sums[id(row)] = [documents.sums(run) for run in row.runs]
        combined = _linear(metric, sums[id(pair[0])], sums[id(pair[1])], documents)
        alone = issparse(combined.moved) or (batch and issparse(batch[0].moved))
        if batch and (alone or (width + combined.a.size) * len(documents) > CELLS):
            yield batch
            batch, width = [], 0
        batch.append(combined)
        width += combined.a.size
    if batch:
        yield batch


def _linear(
    metric: Metric, a: Sequence[Counts], b: Sequence[Counts], documents: Documents
) -> _Pair:
    """Join the runs, or their mean counts where a few random swaps show that these do as well."""
    full = _Pair.of(a, b)
    if full.joined == 1:
        return full
    mean = _Pair.of([_mean(a)], [_mean(b)])
    probes = np.random.default_rng(0).integers(0, 2, size=(_PROBES, len(documents)))
    x, y = (_differences(metric, [p], probes.astype(float), documents) for p in (full, mean))
    return mean if np.allclose(x, y, rtol=0, atol=TIE) else full


def _differences(
    metric: Metric, batch: Sequence[_Pair], swapped: Array, documents: Documents
) -> Array:
    """Return a - b of each pair after each swap, (tries, documents) to (pairs, tries)."""
    moved = batch[0].moved if len(batch) == 1 else _beside([pair.moved for pair in batch])
    change = dense(swapped @ moved)
    joined = [pair.joined for pair in batch]
    n = np.full(len(swapped), documents.sizes.sum())
    a, b = (
        values_of(metric, np.concatenate(sums, axis=1) + sign * change, n, sum(joined))
        for sums, sign in (([pair.a for pair in batch], -1), ([pair.b for pair in batch], 1))
    )
    starts = np.cumsum([0, *joined[:-1]])
    return np.asarray(np.add.reduceat(a - b, starts, axis=0) / np.array(joined)[:, np.newaxis])


def _mean(runs: Sequence[Counts]) -> Counts:
    return sum(runs[1:], start=runs[0]) / len(runs)


def _totals(runs: Sequence[Counts]) -> Array:
    return np.concatenate([dense(run.sum(axis=0)) for run in runs])[np.newaxis]


def _beside(parts: Sequence[Counts]) -> Counts:
    if any(issparse(part) for part in parts):
        return hstack(parts, format="csr")
    return np.concatenate(parts, axis=1)
