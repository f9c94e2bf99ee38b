"""95 % intervals of a row's value and of the difference between two rows, for two questions.

* **Fixed models**: these very runs, on new documents.
* **Retrained models**: new runs on new documents.

The bootstrap over documents (and runs) gives the shape, a t interval the width. With m the mean of
the resampled values and q their 2.5 % and 97.5 % quantiles,

    low = value - c (m - q_low),  high = value + c (q_high - m),  c = 2 t SE / (q_high - q_low)

so that low and high are 2 t SE apart. SE and the degrees of freedom of t come from `variance`. This
is the percentile interval, fixed in two places:

* It is too narrow by √((D-1)/D) and by z/t (Hesterberg 2015), and more so for documents of unequal
  size. Measured on means with 40 to 60 documents: it covers 91 to 95 %, this one 94 to 96 %.
* A resample has fewer different emoji than the sample, so for entropy, diversity, coverage and
  divergence the resampled values lie to one side, and the percentile interval may not even hold the
  value itself (distinct-1: never). Centred like this, the interval is for the value that the metric
  has on average over test sets of this size, and covers it. For means m is the value.

An interval is undefined, with the reason, where the metric is, with one document, or where documents
do not vary: no success in 134 texts is not proof of [0, 0].

A share that is 0 or 1 has an interval all the same. Wilson's (Wilson 1927) takes each document for one
trial: as if all texts of a document had to be alike, which is the worst that can be: 0 of 20 is
[0, 0.16].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from deshi.statistics.replicates import Replicates
from deshi.statistics.variance import Variance, over_documents, over_runs, total

if TYPE_CHECKING:
    from deshi.api.records import Array
    from deshi.results import Question

Bounds: TypeAlias = tuple[float | None, float | None]

UNDEFINED = "the metric is undefined here"
ONE_DOCUMENT = "one document: there is nothing to resample"
NO_VARIATION = "no variation between documents: they say nothing about other documents"
RARELY_DEFINED = "the metric is undefined on many resamples"
ONE_SIDED = "a few resamples lie so far away that no interval holds the value"
ONE_RUN = "one run: the variation between runs is unknown"

_DEFINED = 0.95
"""The share of resamples that must have a value; tails of 2.5 % mean nothing with less."""
_SAME = 1e-12


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval; None where it is undefined, and then `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    reason: str = ""


MIN_RUNS = 3
"""Runs from which a row's interval for retrained models covers what it says; with two it covers 90 %."""


@dataclass(frozen=True)
class ShownInterval:
    """The interval that a table shows and the question that it answers, and that for these runs."""

    interval: Interval
    question: Question
    fixed_models: Interval


def shown_interval(
    row: Replicates, bounds: Bounds = (None, None), *, retrained: bool = True
) -> ShownInterval:
    """Return the interval for new runs on new texts where the runs bear one, else for these runs."""
    fixed = fixed_models_interval(row, bounds)
    if retrained and (row.deterministic or len(row.points) >= MIN_RUNS):
        return ShownInterval(retrained_interval(row, bounds), "retrained-models", fixed)
    return ShownInterval(fixed, "fixed-models", fixed)


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


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of independent trials, of which there is at least one."""
    from scipy.stats import binomtest

    found = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def fixed_models_interval(row: Replicates, bounds: Bounds = (None, None)) -> Interval:
    """Return a row's value with its interval for these runs on new documents, within `bounds`."""
    return _clipped(_about(row.value, row.drawn, _documents(row)), bounds)


def retrained_interval(row: Replicates, bounds: Bounds = (None, None)) -> Interval:
    """Return a row's value with its interval for new runs on new documents, within `bounds`.

    Undefined for one run of a student that could vary. The runs' luck with documents is left in both
    parts of the variance: it is little beside that of the texts, and makes up for what Satterthwaite's
    degrees of freedom lack with few runs. With three runs or more it covers 93 to 97 %, with two less
    (90 % where run-to-run variation prevails).
    """
    if row.retrained is None:
        return Interval(_finite(row.value), None, None, ONE_RUN)
    spread = total([_documents(row), over_runs(row)])
    return _clipped(_about(row.value, row.retrained, spread), bounds)


def fixed_models_difference(
    a: Replicates, b: Replicates, bounds: Bounds = (None, None)
) -> Interval:
    """Return a - b with its interval for these runs on new documents, which both rows share.

    `bounds` are the metric's: values in [low, high] lie no further apart than high - low.
    """
    found = _about(a.value - b.value, a.drawn - b.drawn, documents_variance(a, b))
    return _clipped(found, _apart(bounds))


def retrained_difference(a: Replicates, b: Replicates, bounds: Bounds = (None, None)) -> Interval:
    """Return a - b with its interval for new runs of each on new documents that both share.

    `bounds` are the metric's. It covers 94 to 98 %, the more where runs hardly differ.
    """
    if a.retrained is None or b.retrained is None:
        return Interval(_finite(a.value - b.value), None, None, ONE_RUN)
    found = _about(a.value - b.value, a.retrained - b.retrained, retrained_variance(a, b))
    return _clipped(found, _apart(bounds))


def documents_variance(a: Replicates, b: Replicates) -> Variance:
    """Return the variance of a - b over documents that both rows share."""
    return over_documents(a.without - b.without, a.drawn - b.drawn, a.effective)


def retrained_variance(a: Replicates, b: Replicates) -> Variance:
    """Return the variance of a - b over shared documents and the runs of each; NaN for one run."""
    parts = [documents_variance(a, b), over_runs(a), over_runs(b)]
    return total(parts, twice=_noise(a) + _noise(b))


def _noise(row: Replicates) -> float:
    return 0.0 if row.deterministic else row.noise


def _documents(row: Replicates) -> Variance:
    return over_documents(row.without, row.drawn, row.effective)


def _about(value: float, drawn: Array, spread: Variance) -> Interval:
    if not np.isfinite(value):
        return Interval(None, None, None, UNDEFINED)
    if np.isnan(spread.df):
        return Interval(value, None, None, ONE_DOCUMENT)
    known = drawn[np.isfinite(drawn)]
    if len(known) < _DEFINED * len(drawn):
        return Interval(value, None, None, RARELY_DEFINED)
    if np.ptp(known) <= _SAME * max(1.0, abs(value)):
        return Interval(value, None, None, NO_VARIATION)
    middle = float(known.mean())
    low, high = (float(q) for q in np.percentile(known, [2.5, 97.5]))
    half = spread.half_width()
    if high - low <= _SAME:
        return Interval(value, value - half, value + half)
    factor = 2 * half / (high - low)
    if not low <= middle <= high:  # an interval that does not hold its value is none
        return Interval(value, None, None, ONE_SIDED)
    return Interval(value, value - factor * (middle - low), value + factor * (high - middle))


def _apart(bounds: Bounds) -> Bounds:
    """Return the bounds of a difference between two values of a metric that has these."""
    low, high = bounds
    return (None, None) if low is None or high is None else (low - high, high - low)


def _clipped(found: Interval, bounds: Bounds) -> Interval:
    """Keep an interval within what the metric can be; the stretch may lead a hair beyond."""
    if found.low is None or found.high is None:
        return found
    least, most = bounds
    low = found.low if least is None else max(found.low, least)
    high = found.high if most is None else min(found.high, most)
    return Interval(found.value, low, high, found.reason)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
