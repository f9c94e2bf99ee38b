"""Tests of retrained models: is one way to train better than another, over new runs?

* **Two-level t** answers for new runs on new texts: t = (a - b) / SE, SE and df as in `variance`.
  This is the verdict.
* **Relabelling of runs** answers for new runs on these very texts: among all ways to deal out the run
  values to the two rows, how often do their means lie as far apart (Fisher 1935)? Exact where the two
  rows are trained alike. Where they prefer different texts, or one's runs spread more, it finds
  differences that are none on new texts: measured 16 % instead of 5 % where each row has a text
  preference of SD .10 (500 texts, 5 runs, no seed variance). Read it beside the t, not instead.

A student that could vary needs at least four runs. With three against three, relabelling cannot give
less than p = .1, and t would rest on two variances with two degrees of freedom each; there is no
test then, and the outcome says so. A deterministic row has no variance over runs.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

from deshi.statistics.holm import ALPHA
from deshi.statistics.intervals import (
    NO_VARIATION,
    Bounds,
    Interval,
    retrained_difference,
    retrained_variance,
)
from deshi.statistics.test_outcome import Method, PairedResult

if TYPE_CHECKING:
    from deshi.api.records import Array
    from deshi.statistics.replicates import Replicates

MIN_RUNS = 4
TIE = 1e-12
_EXACT = 200_000
"""Up to so many relabellings are all tried: 10 runs against 10 are 184,756."""
_DRAWN = 10_000


def two_level_t(a: Replicates, b: Replicates, bounds: Bounds = (None, None)) -> PairedResult:
    """Test a - b for new runs on new documents, two-sided; the interval keeps within `bounds`."""
    found = retrained_difference(a, b, bounds)
    reason = found.reason if found.value is None else _too_few(a, b) or found.reason
    if found.value == 0 and reason == NO_VARIATION:
        return _outcome(Interval(0.0, 0.0, 0.0), 1.0, "two-level t")  # they are one and the same
    if reason or found.value is None:
        return _none(found, reason)
    spread = retrained_variance(a, b)
    p = 2 * float(stdtr(min(spread.df, 1e12), -abs(found.value) / np.sqrt(spread.value)))
    return _outcome(found, p, "two-level t")


def relabelling(
    a: Replicates, b: Replicates, *, family: int = 1, alpha: float = ALPHA, seed: int = 0
) -> PairedResult:
    """Test a - b for new runs on these texts, by dealing out the run values anew, two-sided.

    `family` is the number of comparisons that Holm's correction will count: there is no verdict where
    even the smallest possible p, times that number, is above `alpha`. All relabellings are tried up
    to 200,000, else 10,000 are drawn with `seed`, and p = (c + 1) / (R + 1).
    """
    found = retrained_difference(a, b)
    reason = found.reason if found.value is None else _too_few(a, b)
    if not reason and (a.deterministic or b.deterministic):
        reason = "a deterministic row has no runs to relabel"
    if reason:
        return _none(found, reason)
    floor = relabelling_floor(len(a.points), len(b.points))
    if floor * family > alpha:
        text = f"relabelling cannot give less than p = {floor:.2g}, times {family} comparisons"
        return _none(found, text)
    return _outcome(found, _relabelled(a.points, b.points, seed), "relabelling of runs")


def relabelling_floor(a: int, b: int) -> float:
    """Return the smallest two-sided p of relabelling `a` and `b` runs.

    1 / C(a+b, a), and twice that for a = b, where to swap the two rows lies as far out. 3 and 3 give
    .1, 4 .029, 5 .0079, 6 .0022. Where relabellings are drawn, not less than 1 / 10,001.
    """
    ways = comb(a + b, a)
    if ways > _EXACT:
        return 1 / (_DRAWN + 1)
    return (2 if a == b else 1) / ways


def _relabelled(a: Array, b: Array, seed: int) -> float:
    values = np.concatenate([a, b])
    observed = abs(float(a.mean() - b.mean()))
    if comb(len(values), len(a)) <= _EXACT:
        chosen = np.array(list(combinations(range(len(values)), len(a))))
    else:
        rng = np.random.default_rng(seed)
        order = rng.permuted(np.tile(np.arange(len(values)), (_DRAWN, 1)), axis=1)
        chosen = order[:, : len(a)]
    sums = values[chosen].sum(axis=1)
    apart = np.abs(sums / len(a) - (values.sum() - sums) / len(b))
    as_far = int(np.count_nonzero(apart >= observed - TIE))
    if len(chosen) == comb(len(values), len(a)):
        return as_far / len(chosen)
    return (as_far + 1) / (len(chosen) + 1)


def _too_few(a: Replicates, b: Replicates) -> str:
    runs = min((len(row.points) for row in (a, b) if not row.deterministic), default=MIN_RUNS)
    if runs >= MIN_RUNS:
        return ""
    number = "one run" if runs == 1 else f"{runs} runs"
    return f"no test of retrained models is possible with {number}; it needs {MIN_RUNS} seeds, better 5"


def _outcome(found: Interval, p: float, method: Method) -> PairedResult:
    return PairedResult(found.value, found.low, found.high, p, method)


def _none(found: Interval, reason: str) -> PairedResult:
    return PairedResult(found.value, found.low, found.high, None, "none", reason)
