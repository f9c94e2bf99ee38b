"""What a comparison could have found, and what a planned one can.

The smallest detectable difference at 80 % power is the difference whose t, with the standard error
and degrees of freedom at hand, passes the two-sided threshold with that power (noncentral t;
Card et al. 2020). With many degrees of freedom it is (1.96 + 0.84) SE.

Many comparisons raise the threshold. Holm's first step asks for alpha / m, which is what a difference
must pass in the worst case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import nctdtr, ndtri

from deshi.statistics.holm import ALPHA
from deshi.statistics.intervals import documents_variance, retrained_variance
from deshi.statistics.retrained_models import MIN_RUNS
from deshi.statistics.variance import Variance, t_quantile

if TYPE_CHECKING:
    from deshi.statistics.replicates import Replicates

POWER = 0.8
_NORMAL = 1000.0
"""Degrees of freedom beyond which t is taken for normal."""


def smallest_detectable(
    spread: Variance, *, family: int = 1, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """Return the smallest difference found with this power at alpha / family; None if undefined."""
    if not (np.isfinite(spread.value) and spread.value > 0):
        return None
    shift = _shift(spread.df, alpha / family, power)
    return shift * float(np.sqrt(spread.value))


def detectable_fixed_models(a: Replicates, b: Replicates, *, family: int = 1) -> float | None:
    """Return the smallest difference that these documents could show between these very runs."""
    return smallest_detectable(documents_variance(a, b), family=family)


def detectable_retrained(a: Replicates, b: Replicates, *, family: int = 1) -> float | None:
    """Return the smallest difference that these documents and runs could show between retrained models.

    None where there is no test of retrained models: a row that could vary has fewer than four runs.
    """
    if any(len(row.points) < MIN_RUNS for row in (a, b) if not row.deterministic):
        return None
    return smallest_detectable(retrained_variance(a, b), family=family)


def _shift(df: float, alpha: float, power: float) -> float:
    """Return the difference, in standard errors, that a two-sided t test finds with this power."""
    threshold = t_quantile(1 - alpha / 2, df)
    if df > _NORMAL:
        return threshold + float(ndtri(power))

    def short(shift: float) -> float:
        return float(1 - nctdtr(df, shift, threshold) - power)

    # scipy's noncentral t gives NaN from a shift of about 37 on: look no further than needed.
    enough = threshold + 1.0
    while (found := short(enough)) <= 0:
        enough *= 1.25
    if np.isnan(found):
        return threshold + t_quantile(power, df)  # one degree of freedom or two: as good as no test
    from scipy.optimize import brentq

    return float(brentq(short, 0.0, enough, xtol=1e-9))
