"""The share of texts that have some property, where it is 0 or 1: a 95 % interval all the same.

Where no text or every text has the property, resampling whole documents shows nothing. Wilson's
interval (Wilson 1927) then takes each document for one trial: as if all texts of a document had to be
alike, which is the worst that can be. 0 of 20 is [0, 0.16] and no proof of 0.
"""

from __future__ import annotations

from deshi.statistics.intervals import NO_VARIATION, Interval, ShownInterval
from deshi.statistics.replicates import Replicates


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of independent trials, of which there is at least one."""
    from scipy.stats import binomtest

    found = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def with_edges(shown: ShownInterval, row: Replicates) -> ShownInterval:
    """Give a row's share that is 0 or 1 in all documents the interval that they bear out."""
    value = shown.interval.value
    if value not in (0.0, 1.0) or shown.interval.reason != NO_VARIATION:
        return shown
    edge = at_the_edge(value, row.effective)
    return ShownInterval(edge, "fixed-models", edge)


def at_the_edge(value: float, documents: float) -> Interval:
    """Return the interval of a share of 0 or 1 from so many documents."""
    trials = max(1, int(documents))
    return Interval(value, *wilson(trials if value else 0, trials))
