"""Numbers of predicted emoji against the expected numbers.

The length of a prediction is its number of emoji, repeats included; non-emoji tokens are not
counted. The expected length is the first reference's, so that it is the same for all students.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from deshi.api import Metric, NoParams, encode_predictions, encode_references
from deshi_plugins.metrics.base import MeanMetric, ratio
from deshi_plugins.metrics.params import HistogramParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, Prediction
    from deshi.api.kinds import Sparse
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class EmojiPerText(MeanMetric[NoParams]):
    """Mean length of the predictions."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the length of each prediction, shape (items,)."""
        del expected
        return _floats(encode_predictions(predicted, alphabet).lengths)


class LengthError(MeanMetric[NoParams]):
    """Mean of predicted minus expected length: above 0 the predictions are too long."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the signed difference of each item, shape (items,)."""
        lengths, gold = _lengths(predicted, expected, alphabet)
        return lengths - gold


class LengthMae(MeanMetric[NoParams]):
    """Mean of |predicted - expected length|."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the absolute difference of each item, shape (items,)."""
        lengths, gold = _lengths(predicted, expected, alphabet)
        return np.abs(lengths - gold)


class HistogramMetric(Metric):
    """A distance between two histograms of lengths: k = longest + 1, their difference, sparse."""

    def __init__(self, params: HistogramParams, env: Env) -> None:
        del env
        self.params = params

    @abstractmethod
    def distance(self, gaps: Array) -> Array:
        """Return the distance from the gaps between the cumulative counts, (..., k) to (...)."""
        ...

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Sparse:
        """Return +1 at the predicted and -1 at the expected length, shape (items, longest + 1)."""
        longest = self.params.longest
        both = np.stack(_lengths(predicted, expected, alphabet), axis=1)
        columns = np.minimum(both, longest).astype(np.int64).ravel()
        signs = np.tile([1.0, -1.0], len(both))
        bounds = np.arange(0, len(columns) + 1, 2)
        result = csr_array((signs, columns, bounds), shape=(len(both), longest + 1))
        result.sum_duplicates()
        return result

    def value(self, sums: Array, n: Array) -> Array:
        """Return the distance between the two distributions, NaN for no item."""
        return ratio(self.distance(np.abs(np.cumsum(sums, axis=-1))), n)


class LengthEmd(HistogramMetric):
    """Earth mover's distance W1 between the lengths: Σ |F_P - F_G| (Rubner 2000)."""

    def distance(self, gaps: Array) -> Array:
        """Return the sum of the gaps."""
        total: Array = gaps.sum(axis=-1)
        return total


class LengthKs(HistogramMetric):
    """Kolmogorov-Smirnov distance between the lengths: max |F_P - F_G|."""

    def distance(self, gaps: Array) -> Array:
        """Return the widest gap."""
        widest: Array = gaps.max(axis=-1)
        return widest


class LengthCorrelation(Metric):
    """Pearson's r of predicted and expected length; NaN where one of them never varies.

    k = 5: Σx, Σy, Σx², Σy², Σxy.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return x, y, x², y² and xy of each item, shape (items, 5)."""
        x, y = _lengths(predicted, expected, alphabet)
        return np.stack([x, y, x * x, y * y, x * y], axis=1)

    def value(self, sums: Array, n: Array) -> Array:
        """Return r = (nΣxy - ΣxΣy) / √((nΣx² - (Σx)²)(nΣy² - (Σy)²))."""
        x, y, xx, yy, xy = np.moveaxis(np.asarray(sums, np.float64), -1, 0)
        spread_x = _spread(n * xx, x * x)
        spread_y = _spread(n * yy, y * y)
        r = ratio(n * xy - x * y, np.sqrt(spread_x * spread_y))
        return np.clip(r, -1.0, 1.0)


def _spread(whole: Array, part: Array) -> Array:
    """Return whole - part, and 0 where only rounding is left of it."""
    spread = whole - part
    return np.where(spread > 1e-12 * whole, spread, 0.0)


def _lengths(
    predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
) -> tuple[Array, Array]:
    lengths = encode_predictions(predicted, alphabet).lengths
    gold = encode_references(expected, alphabet).first().lengths
    return _floats(lengths), _floats(gold)


def _floats(lengths: Integers) -> Array:
    floats: Array = lengths.astype(np.float64)
    return floats
