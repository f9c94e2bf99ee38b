"""A metric's value for every run of every row: as it is, on each resample, without each document.

All that the intervals and tests need of a metric. A row's value is the mean over its runs of the
metric, not the metric of pooled runs: five runs pooled would look more varied than any of them.

Memory, beyond the runs that are passed in: the values, 8 bytes × runs × (resamples + documents), and
blocks of at most `CELLS` numbers; never resamples × k, and never the document sums of more runs at
once than fit in `CELLS` (or of one run).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from deshi.statistics.resampling import CELLS

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.api.records import Array
    from deshi.statistics.resampling import Counts, Documents, Resamples


@dataclass(frozen=True)
class RowScores:
    """One row's runs, each the counts per text, (texts, k), dense or sparse.

    A deterministic student has one run, and no other run would differ from it.
    """

    runs: Sequence[Any]
    deterministic: bool = False


@dataclass(frozen=True)
class Replicates:
    """What a row's value is, and what it might have been; NaN where the metric is undefined.

    `points` (runs,) are the values of the runs. `drawn` (resamples,) is the mean over these runs on
    other documents; `retrained` (resamples,) that of other runs on other documents, None for a student
    that could vary and has one run. `without` (documents,) is the mean over runs with one document
    left out. `noise` is the variance of the value that comes from each run's own luck with documents.
    `effective` is the number of equal documents that say as much.
    """

    points: Array
    drawn: Array
    retrained: Array | None
    without: Array
    noise: float
    effective: float
    deterministic: bool

    @property
    def value(self) -> float:
        """The mean over runs."""
        return float(self.points.mean())


def replicate(metric: Metric, rows: Sequence[RowScores], resamples: Resamples) -> list[Replicates]:
    """Return the replicates of each row, in order; all rows see the same resamples."""
    runs = [run for row in rows for run in row.runs]
    points = np.empty(len(runs))
    drawn = np.empty((len(runs), len(resamples)))
    without = np.empty((len(runs), len(resamples.documents)))
    for at, sums in _chunks(runs, resamples.documents):
        points[at], drawn[at], without[at] = _values(metric, sums, at.stop - at.start, resamples)
    found, start = [], 0
    for number, row in enumerate(rows):
        mine = slice(start, start := start + len(row.runs))
        found.append(
            Replicates(
                points=points[mine],
                drawn=drawn[mine].mean(axis=0),
                retrained=_retrained(drawn[mine], row, [resamples.seed, 1, number]),
                without=without[mine].mean(axis=0),
                noise=_noise(without[mine]),
                effective=resamples.documents.effective,
                deterministic=row.deterministic,
            )
        )
    return found


def _retrained(drawn: Array, row: RowScores, seed: Sequence[int]) -> Array | None:
    """Draw runs as well: the two-level bootstrap, (runs, resamples) to (resamples,).

    With v the counts of S runs drawn from S, the weight of a run is 1/S + (v/S - 1/S) √(S / (S-1)):
    drawing S from S spreads too little by (S-1)/S (Davison and Hinkley 1997, section 3.8).
    """
    runs = len(drawn)
    if row.deterministic:
        return np.asarray(drawn.mean(axis=0))
    if runs < 2:
        return None
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(runs, np.full(runs, 1 / runs), size=drawn.shape[1])
    weights = (1 + (counts - 1) * np.sqrt(runs / (runs - 1))) / runs
    return np.asarray(np.einsum("sr,rs->r", drawn, weights))


def _noise(without: Array) -> float:
    """Return what runs and documents do together, of the variance of the mean over runs.

    From values (runs, documents) each without one document: with R the residuals of rows and columns,
    the jackknife of the interaction in a two-way layout, (D-1)/D Σ R² / (S (S-1)); 0 for one run, and
    where a value is undefined.
    """
    runs, documents = without.shape
    if runs < 2 or documents < 2 or not np.isfinite(without).all():
        return 0.0
    rest = without - without.mean(axis=0) - without.mean(axis=1, keepdims=True) + without.mean()
    squares = float(np.square(rest).sum())
    return float(squares * (documents - 1) / documents / (runs * (runs - 1)))


def _chunks(runs: Sequence[Any], documents: Documents) -> Iterator[tuple[slice, Counts]]:
    """Yield document sums: a sparse run alone, (D, k), or as many dense ones as fit, (D, runs · k).

    The second axis of dense sums holds one run after the other, so that one product serves all.
    """
    start = 0
    while start < len(runs):
        first = runs[start]
        stop = start + 1
        if not issparse(first):
            fit = max(1, CELLS // max(1, len(documents) * first.shape[1]))
            while stop < len(runs) and stop - start < fit and not issparse(runs[stop]):
                stop += 1
        parts = [documents.sums(run) for run in runs[start:stop]]
        yield slice(start, stop), parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        start = stop


def _values(
    metric: Metric, sums: Counts, runs: int, resamples: Resamples
) -> tuple[Array, Array, Array]:
    """Return the values of a chunk of runs: (runs,), (runs, resamples), (runs, documents)."""
    sizes = resamples.documents.sizes
    width = sums.shape[1]
    total, whole = dense(sums.sum(axis=0)).reshape(1, width), np.array([sizes.sum()])
    points = values_of(metric, total, whole, runs)
    drawn = np.empty((runs, len(resamples)))
    for part, weights in resamples.blocks(width):
        drawn[:, part] = values_of(metric, dense(weights @ sums), weights @ sizes, runs)
    without = np.empty((runs, len(sizes)))
    step = max(1, CELLS // max(1, width))
    for start in range(0, len(sizes), step):
        part = slice(start, start + step)
        rest = total - dense(sums[part])
        without[:, part] = values_of(metric, rest, whole - sizes[part], runs)
    return points[:, 0], drawn, without


def values_of(metric: Metric, sums: Array, n: Array, runs: int) -> Array:
    """Return the metric of sums of several runs side by side, (rows, runs · k) to (runs, rows)."""
    stacked = sums.reshape(len(sums), runs, -1)
    texts = np.broadcast_to(n[:, np.newaxis], (len(sums), runs))
    return np.asarray(metric.value(stacked, texts), np.float64).T


def dense(sums: Any) -> Array:  # noqa: ANN401
    """Return an array from what a dense or sparse product or slice gives."""
    return np.asarray(sums.toarray() if issparse(sums) else sums, np.float64)
