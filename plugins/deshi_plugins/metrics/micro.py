"""Precision, recall and F1 over all items pooled.

    P = ΣTP / Σ|P|,  R = ΣTP / Σ|G|,  F1 = 2 ΣTP / (Σ|P| + Σ|G|)

The conventions of `overlap` hold for the sums too: nothing predicted and nothing expected is 1, one
of them nothing is 0, so that on one item the pooled figure is the item's own.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Metric
from deshi_plugins.metrics.base import share_or_rule
from deshi_plugins.metrics.sets import match_references

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, NoParams, Prediction
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class MicroMetric(Metric):
    """A ratio of pooled counts: k = 3, namely |P ∩ G|, |P| and |G|."""

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    @abstractmethod
    def parts(self, common: Array, predicted: Array, expected: Array) -> tuple[Array, Array]:
        """Return numerator and denominator."""
        ...

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return |P ∩ G|, |P| and |G| of each item, shape (items, 3)."""
        sizes = match_references(predicted, expected, alphabet).overlap
        return np.stack([sizes.common, sizes.predicted, sizes.expected], axis=1)

    def value(self, sums: Array, n: Array) -> Array:
        """Return the ratio of the sums, NaN for no item."""
        common, predicted, expected = sums[..., 0], sums[..., 1], sums[..., 2]
        part, whole = self.parts(common, predicted, expected)
        result = share_or_rule(part, whole, (predicted + expected) == 0)
        return np.where(np.asarray(n) > 0, result, np.nan)


class MicroPrecision(MicroMetric):
    """ΣTP / Σ|P|."""

    def parts(self, common: Array, predicted: Array, expected: Array) -> tuple[Array, Array]:
        """Return ΣTP and Σ|P|."""
        del expected
        return common, predicted


class MicroRecall(MicroMetric):
    """ΣTP / Σ|G|."""

    def parts(self, common: Array, predicted: Array, expected: Array) -> tuple[Array, Array]:
        """Return ΣTP and Σ|G|."""
        del predicted
        return common, expected


class MicroF1(MicroMetric):
    """2 ΣTP / (Σ|P| + Σ|G|)."""

    def parts(self, common: Array, predicted: Array, expected: Array) -> tuple[Array, Array]:
        """Return 2 ΣTP and Σ|P| + Σ|G|."""
        return 2 * common, predicted + expected
