"""The share of texts that have some property, with a 95 % interval.

Where each text is a document of its own, texts are independent and Wilson's interval (Wilson 1927)
holds: it covers what it says down to a few texts. Texts that share documents are not independent, and
Wilson's interval over texts would be too narrow, so there whole documents are resampled, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from deshi.statistics.intervals import (
    UNDEFINED,
    Interval,
    at_the_edge,
    fixed_models_interval,
    wilson,
)
from deshi.statistics.replicates import RowScores, replicate
from deshi.statistics.resampling import Documents, Resamples

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.api.records import Array

_RESAMPLES = 2000


def share(hits: Sequence[bool], documents: Sequence[str]) -> Interval:
    """Return the share of texts that hit, given each text's document; undefined for no text."""
    if not len(hits):
        return Interval(None, None, None, UNDEFINED)
    units, count = Documents.of(documents), sum(hits)
    value = count / len(hits)
    if len(units) == len(hits):
        return Interval(value, *wilson(count, len(hits)))
    if count in (0, len(hits)):
        return at_the_edge(value, units.effective)
    run = np.asarray(hits, np.float64)[:, np.newaxis]
    drawn = Resamples.draw(units, _RESAMPLES, 0)
    (found,) = replicate(cast("Metric", MeanOfTexts()), [RowScores([run])], drawn)
    return fixed_models_interval(found, (0.0, 1.0))


class MeanOfTexts:
    """The part of a metric that resampling needs: the mean of one number a text."""

    def value(self, sums: Array, n: Array) -> Array:
        """Return the mean of each sum over its texts, (..., 1) to (...); NaN for no text."""
        means: Array = np.divide(sums[..., 0], n, out=np.full(np.shape(n), np.nan), where=n > 0)
        return means
