"""How far people, or judges, agree: Cohen's and Fleiss' kappa, Krippendorff's alpha.

All are functions of counts that are summed over items, like the metrics, so that their intervals come
from the same bootstrap over items. Ratings are codes (raters, items) of the values in their order, -1
where a rater left an item out. NaN is undefined: where all ratings are alike there is nothing to agree
on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array

Level: TypeAlias = Literal["nominal", "ordinal", "interval"]
Weights: TypeAlias = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True)
class CohenKappa:
    """Agreement of two raters beyond chance (Cohen 1960; weighted: 1968) on `size` ordered values."""

    size: int
    weights: Weights = "none"

    def counts(self, codes: Integers) -> Array:
        """Return each item's cell of the confusion matrix, (items, size²); 0 where one is missing."""
        first, second = codes
        both = (first >= 0) & (second >= 0)
        cells = np.zeros((len(first), self.size**2))
        cells[np.flatnonzero(both), (first * self.size + second)[both]] = 1
        return cells

    def value(self, sums: Array, n: Array) -> Array:
        """Return 1 - Σ v o / Σ v e, with v the weight of a disagreement, (..., size²) to (...)."""
        del n
        seen = sums.reshape(*sums.shape[:-1], self.size, self.size)
        total = seen.sum(axis=(-2, -1), keepdims=True)
        rows, columns = seen.sum(axis=-1, keepdims=True), seen.sum(axis=-2, keepdims=True)
        apart = np.abs(np.subtract.outer(np.arange(self.size), np.arange(self.size)))
        weight = {"none": apart > 0, "linear": apart, "quadratic": apart**2}[self.weights]
        by_chance = (weight * rows * columns).sum(axis=(-2, -1)) / total[..., 0, 0]
        return _one_minus((weight * seen).sum(axis=(-2, -1)), by_chance)


@dataclass(frozen=True)
class FleissKappa:
    """Agreement of several raters beyond chance (Fleiss 1971), on items that all have rated."""

    size: int

    def counts(self, codes: Integers) -> Array:
        """Return each item's agreement and how often each value was given, (items, 2 + size)."""
        raters = len(codes)
        ratings = _value_counts(codes, self.size)
        whole = np.all(codes >= 0, axis=0).astype(np.float64)
        agreement = ((ratings**2).sum(axis=1) - raters) / (raters * (raters - 1))
        counts: Array = np.column_stack([whole, agreement, ratings]) * whole[:, np.newaxis]
        return counts

    def value(self, sums: Array, n: Array) -> Array:
        """Return (P - Pe) / (1 - Pe), (..., 2 + size) to (...)."""
        del n
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = sums[..., 1] / sums[..., 0]
            shares = sums[..., 2:] / sums[..., 2:].sum(axis=-1, keepdims=True)
        return _one_minus(1 - seen, 1 - (shares**2).sum(axis=-1))


@dataclass(frozen=True)
class KrippendorffAlpha:
    """Agreement of any number of raters, some ratings missing (Krippendorff 2011).

    `values` are what was given, in ascending order; their distances matter to `interval` alone.
    """

    values: tuple[float, ...]
    level: Level = "nominal"

    def counts(self, codes: Integers) -> Array:
        """Return each item's coincidences, (items, size²): pairs of raters over their number less 1."""
        size = len(self.values)
        counts = _value_counts(codes, size)
        raters = counts.sum(axis=1)
        pairs = counts[:, :, np.newaxis] * counts[:, np.newaxis, :]
        pairs[:, np.arange(size), np.arange(size)] -= counts
        scale = np.where(raters > 1, 1 / np.maximum(raters - 1, 1), 0.0)
        return np.asarray((pairs * scale[:, np.newaxis, np.newaxis]).reshape(len(counts), -1))

    def value(self, sums: Array, n: Array) -> Array:
        """Return 1 - D_observed / D_expected, (..., size²) to (...)."""
        del n
        size = len(self.values)
        seen = sums.reshape(*sums.shape[:-1], size, size)
        marginal = seen.sum(axis=-1)
        total = marginal.sum(axis=-1)
        positions = self._positions(marginal)
        apart = (positions[..., :, np.newaxis] - positions[..., np.newaxis, :]) ** 2
        if self.level == "nominal":
            apart = np.broadcast_to(1.0 - np.eye(size), apart.shape)
        product = marginal[..., :, np.newaxis] * marginal[..., np.newaxis, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = (product * apart).sum(axis=(-2, -1)) / (total - 1)
        return _one_minus((seen * apart).sum(axis=(-2, -1)), expected)

    def _positions(self, marginal: Array) -> Array:
        """Return where each value lies: by its rank among all that was given, or as it is."""
        if self.level == "ordinal":
            return np.cumsum(marginal, axis=-1) - marginal / 2
        return np.broadcast_to(np.array(self.values), marginal.shape)


def win_rate(verdicts: list[tuple[str, str]]) -> tuple[int, int, int, float, float]:
    """Return wins of A, wins of B, ties, the win rate of A with ties as halves, and the consistency.

    A verdict is what a judge said of a pair in one order and in the other: A, B or tie. A side wins
    where both say so; else it is a tie. Consistency is how often both say the same.
    """
    wins = sum(pair == ("A", "A") for pair in verdicts)
    losses = sum(pair == ("B", "B") for pair in verdicts)
    ties = len(verdicts) - wins - losses
    same = sum(first == second for first, second in verdicts)
    return wins, losses, ties, (wins + ties / 2) / len(verdicts), same / len(verdicts)


def _value_counts(codes: Integers, size: int) -> Array:
    """Return how often each value was given to each item, (items, size)."""
    return np.asarray((codes[..., np.newaxis] == np.arange(size)).sum(axis=0), np.float64)


def _one_minus(seen: Array, by_chance: Array) -> Array:
    """Return 1 - seen / by_chance, NaN where agreement by chance is perfect."""
    result = np.full(np.shape(seen), np.nan)
    np.divide(seen, by_chance, out=result, where=np.asarray(by_chance) > 0)
    return np.asarray(1 - result)
