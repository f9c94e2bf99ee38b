"""Intervals: a percentile bootstrap over documents, the same resamples for every row of a group.

Texts of one document are not independent, so whole documents are drawn (Davison and Hinkley 1997,
section 3.8). A resample is a row of integer weights over documents; because metrics are functions of
sums, all resamples of a row are one matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from deshi.api import Metric

    Array: TypeAlias = np.typing.NDArray[np.float64]

_BLOCK = 500
"""Resamples a block: bounds memory at _BLOCK × k numbers for metrics with many counts."""


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval; None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Resamples:
    """Weights over documents, and the matrix that sums texts to documents.

    `weights` is (resamples, documents), `texts` (documents,) the number of texts of each document,
    `members` (documents, texts) is one where a text belongs to a document.
    """

    weights: Array
    texts: Array
    members: csr_array

    @classmethod
    def draw(cls, documents: Sequence[str], resamples: int, seed: int) -> Resamples:
        """Draw `resamples` samples of documents with replacement."""
        names, codes = np.unique(np.asarray(documents), return_inverse=True)
        n = len(documents)
        members = csr_array((np.ones(n), (codes, np.arange(n))), shape=(len(names), n))
        rng = np.random.default_rng(seed)
        weights = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
        return cls(weights.astype(np.float64), np.asarray(members.sum(axis=1)), members)


def interval(metric: Metric, runs: Sequence[Any], resamples: Resamples) -> Interval:
    """Return the mean value over runs with its interval over documents.

    `runs` holds each run's counts per text, (texts, k), dense or sparse. With one document there is
    nothing to resample, and the interval is undefined.
    """
    n = np.asarray(float(runs[0].shape[0]))
    points = [float(metric.value(_total(run), n)) for run in runs]
    value = float(np.mean(points))
    if not np.isfinite(value):
        return Interval(None, None, None)
    if len(resamples.texts) < 2:
        return Interval(value, None, None)
    drawn = np.mean([_values(metric, run, resamples) for run in runs], axis=0)
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return Interval(value, None, None)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def _total(run: Any) -> Array:  # noqa: ANN401
    return np.asarray(run.sum(axis=0), dtype=np.float64)


def _values(metric: Metric, run: Any, resamples: Resamples) -> Array:  # noqa: ANN401
    by_document = resamples.members @ run
    values = []
    for start in range(0, len(resamples.weights), _BLOCK):
        weights = resamples.weights[start : start + _BLOCK]
        values.append(metric.value(np.asarray(weights @ by_document), weights @ resamples.texts))
    return np.concatenate(values)
