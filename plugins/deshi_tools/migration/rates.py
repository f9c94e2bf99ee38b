"""Shares and means of two teachers on the same texts, with intervals over documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from deshi.statistics.intervals import Interval, fixed_models_difference, fixed_models_interval
from deshi.statistics.replicates import RowScores, replicate
from deshi_tools.error_analysis.text_shares import MeanOfTexts, share
from deshi_tools.migration.agreement import Figure
from deshi_tools.migration.record import Mean

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.statistics.resampling import Resamples


def rate(name: str, hits: Sequence[bool], documents: Sequence[str]) -> Figure:
    """Return the share of texts that hit, given each text's document."""
    return _figure(name, share(hits, documents))


def mean(
    what: str, names: Sequence[str], both: Sequence[Sequence[float]], resamples: Resamples
) -> Mean:
    """Return the means of two numbers a text, and the second minus the first on the same resamples."""
    columns = [RowScores([np.asarray(x, np.float64)[:, np.newaxis]]) for x in both]
    one, other = replicate(cast("Metric", MeanOfTexts()), columns, resamples)
    return Mean(
        what=what,
        first=_figure(names[0], fixed_models_interval(one)),
        second=_figure(names[1], fixed_models_interval(other)),
        difference=_figure("difference", fixed_models_difference(other, one)),
    )


def _figure(name: str, found: Interval) -> Figure:
    return Figure(name=name, value=found.value, low=found.low, high=found.high, reason=found.reason)
