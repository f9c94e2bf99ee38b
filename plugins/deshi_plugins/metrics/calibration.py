"""Whether a student's scores can be read as probabilities.

What is judged: the pairs (p, y) of the first labels of each ranking. p is the student's score of
the label, read as the probability that the label is in the gold; y is 1 where it is. Labels that a
student does not rank give no pair, so a figure says nothing of the gold that it never thought of. A
repeated label gives one pair, an emoji outside the alphabet one with y = 0.

Texts without a ranking are left out. A ranking with a score outside [0, 1] holds no probabilities:
one such text, and the figure is undefined for the student. Shares that sum to 1 over all labels,
as softmax gives them, are no such probabilities where a text has several right emoji, and show as
what they then are: too low.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Metric, encode_sequences
from deshi_plugins.metrics.base import ratio
from deshi_plugins.metrics.params import BrierParams, EceParams
from deshi_plugins.metrics.sets import among, matched, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, Prediction
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class CalibrationMetric(Metric):
    """A figure of pairs (p, y); the last of the k counts is the texts whose scores are none."""

    def __init__(self, params: EceParams | BrierParams, env: Env) -> None:
        del env
        self.params = params

    @abstractmethod
    def of_pairs(self, items: Integers, p: Array, y: Array, n: int) -> Array:
        """Return the counts of each of `n` items from its pairs, shape (n, k - 1)."""
        ...

    @abstractmethod
    def of_counts(self, sums: Array) -> Array:
        """Return the figure of summed counts, (..., k - 1) to (...); NaN for no pair."""
        ...

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the counts of each item, shape (items, k)."""
        rankings = [(answer.ranked or ())[: self.params.depth] for answer in predicted]
        scores = np.array([score for ranked in rankings for _, score in ranked], np.float64)
        codes = encode_sequences([tuple(e for e, _ in ranked) for ranked in rankings], alphabet)
        owner = np.repeat(np.arange(len(rankings)), codes.lengths)
        unfit = np.zeros(len(rankings))
        unfit[owner[~((scores >= 0) & (scores <= 1))]] = 1.0
        # An emoji outside the alphabet is at no place below, and gives its pair here, with y = 0.
        asked = places(codes)
        at = codes.starts[asked.rows] + asked.ranks
        outside = np.flatnonzero(codes.codes < 0)
        right = among(asked, matched(predicted, expected, alphabet).expected).astype(np.float64)
        items = np.concatenate([asked.rows, owner[outside]])
        p = np.concatenate([scores[at], scores[outside]])
        y = np.concatenate([right, np.zeros(len(outside))])
        fit = unfit[items] == 0
        counts = self.of_pairs(items[fit], p[fit], y[fit], len(rankings))
        return np.column_stack([counts, unfit])

    def value(self, sums: Array, n: Array) -> Array:
        """Return the figure; NaN for no pair, or where a score was no probability."""
        del n
        sums = np.asarray(sums)
        return np.where(sums[..., -1] == 0, self.of_counts(sums[..., :-1]), np.nan)


class Ece(CalibrationMetric):
    """Expected calibration error: Σ_b |Σ p - Σ y| / N over bins b of equal width (Naeini 2015).

    Bins are closed on the right, the first on both sides. The counts are, for all bins in turn, the
    pairs, Σ p and Σ y: what a reliability diagram is drawn from.
    """

    params: EceParams

    def of_pairs(self, items: Integers, p: Array, y: Array, n: int) -> Array:
        """Return pairs, Σ p and Σ y of every bin, shape (n, 3 bins)."""
        bins = self.params.bins
        edges = np.arange(1, bins + 1) / bins
        cells = items * bins + np.searchsorted(edges, p)
        parts = [np.bincount(cells, weights, n * bins) for weights in (np.ones(len(p)), p, y)]
        return np.concatenate([part.reshape(n, bins) for part in parts], axis=1)

    def of_counts(self, sums: Array) -> Array:
        """Return the error of summed counts, (..., 3 bins) to (...)."""
        pairs, p, y = np.split(sums, 3, axis=-1)
        return ratio(np.abs(p - y).sum(axis=-1), pairs.sum(axis=-1))


class Brier(CalibrationMetric):
    """Brier score: the mean of (p - y)² over pairs (Brier 1950)."""

    def of_pairs(self, items: Integers, p: Array, y: Array, n: int) -> Array:
        """Return Σ (p - y)² and the number of pairs, shape (n, 2)."""
        parts = [np.bincount(items, weights, n) for weights in ((p - y) ** 2, np.ones(len(p)))]
        return np.stack(parts, axis=1)

    def of_counts(self, sums: Array) -> Array:
        """Return the mean, (..., 2) to (...)."""
        return ratio(sums[..., 0], sums[..., 1])
