"""The share of texts that have some property, with a 95 % interval.

Where each text is a document of its own, texts are independent and Wilson's interval (Wilson 1927)
holds: it covers what it says down to a few texts, and 0 of 20 is [0, 0.16] and no proof of 0. Texts
that share documents are not independent, and Wilson's interval over texts would be too narrow, so
there whole documents are resampled, as everywhere. Where that shows nothing because no text or every
text has the property, Wilson's interval takes each document for one trial: as if all texts of a
document had to be alike, which is the worst that can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from deshi.statistics.intervals import (
    NO_VARIATION,
    UNDEFINED,
    Interval,
    ShownInterval,
    fixed_models_interval,
)
from deshi.statistics.replicates import Replicates, RowScores, replicate
from deshi.statistics.resampling import Documents, Resamples

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.api.records import Array

RESAMPLES = 2000


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of independent trials, of which there is at least one."""
    from scipy.stats import binomtest

    found = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def share(hits: Sequence[bool], documents: Sequence[str]) -> Interval:
    """Return the share of texts that hit, given each text's document; undefined for no text."""
    if not len(hits):
        return Interval(None, None, None, UNDEFINED)
    units, count = Documents.of(documents), sum(hits)
    value = count / len(hits)
    if len(units) == len(hits):
        return Interval(value, *wilson(count, len(hits)))
    if count in (0, len(hits)):
        return _at_the_edge(value, units.effective)
    run = np.asarray(hits, np.float64)[:, np.newaxis]
    drawn = Resamples.draw(units, RESAMPLES, 0)
    (found,) = replicate(cast("Metric", _Share()), [RowScores([run])], drawn)
    return fixed_models_interval(found, (0.0, 1.0))


def with_edges(shown: ShownInterval, row: Replicates) -> ShownInterval:
    """Give a row's share that is 0 or 1 in all documents the interval that they bear out."""
    value = shown.interval.value
    if value not in (0.0, 1.0) or shown.interval.reason != NO_VARIATION:
        return shown
    edge = _at_the_edge(value, row.effective)
    return ShownInterval(edge, "fixed-models", edge)


def _at_the_edge(value: float, documents: float) -> Interval:
    trials = max(1, int(documents))
    return Interval(value, *wilson(trials if value else 0, trials))


class _Share:
    """The part of a metric that resampling needs: the mean of one number a text."""

    def value(self, sums: Array, n: Array) -> Array:
        shares: Array = np.divide(sums[..., 0], n, out=np.full(np.shape(n), np.nan), where=n > 0)
        return shares
