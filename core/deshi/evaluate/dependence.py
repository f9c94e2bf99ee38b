"""Does a student look at its input? Its predictions against the same ones shuffled over texts.

A student that answers with whatever is frequent scores as well after a shuffle. With v the metric
and v_shuf its expected value for a prediction of another text,

    ID = (v - v_shuf) / (1 - v_shuf)

is 0 for such a student, 1 for a perfect one, and below 0 for one that the shuffle would improve. It
is made for metrics whose best value is 1 and for which higher is better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deshi.api import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Expected, Metric, Prediction
    from deshi.api.kinds import Sparse
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet

EXACT_ITEMS = 2000
"""Up to so many items, all pairs are scored; that is as much work as 2,000 permutations."""
EXACT_CELLS = 1 << 25
BLOCK_PAIRS = 200_000
TIE = 1e-12
"""A permutation that comes this near to the observed value counts as having reached it."""


class Dependence(NamedTuple):
    """The index of input dependence, and the p of having at least this value by chance."""

    value: float
    p: float


class _Shuffled(NamedTuple):
    """Summed statistics of each permutation, and those of all pairs of different items."""

    sums: Array
    pooled: Array
    pairs: int


def input_dependence(
    metric: Metric,
    predicted: Sequence[Prediction],
    expected: Sequence[Expected],
    alphabet: Alphabet,
    *,
    permutations: int = 1000,
    seed: int,
) -> Dependence:
    """Return ID and the one-sided p of a permutation test, p = (c + 1) / (R + 1).

    v_shuf is the metric over all pairs of a prediction and another item's references: exactly up to
    2,000 items, and over the pairs that the permutations make beyond. Both are NaN where the metric
    is undefined, or where shuffled predictions are perfect.
    """
    n = len(predicted)
    if n < 2:
        return Dependence(np.nan, np.nan)
    own = metric.statistics(predicted, expected, alphabet)
    observed = float(metric.value(_total(own), np.array(float(n))))
    orders = _orders(n, permutations, seed)
    if n <= EXACT_ITEMS and isinstance(own, np.ndarray) and n * n * own.shape[1] <= EXACT_CELLS:
        shuffled = _from_pairs(_pairs(metric, predicted, expected, alphabet), orders)
    else:
        shuffled = _from_permutations(metric, predicted, expected, alphabet, orders)
    chance = float(metric.value(shuffled.pooled, np.array(float(shuffled.pairs))))
    value = dependence_index(observed, chance)
    if np.isnan(value):
        return Dependence(np.nan, np.nan)
    values = metric.value(shuffled.sums, np.full(permutations, float(n)))
    reached = int(np.count_nonzero(values >= observed - TIE))
    return Dependence(value, (reached + 1) / (permutations + 1))


def dependence_index(observed: float, shuffled: float) -> float:
    """Return (v - v_shuf) / (1 - v_shuf), NaN where v_shuf leaves no room above it."""
    room = 1.0 - shuffled
    return (observed - shuffled) / room if room > TIE else float("nan")


def _orders(n: int, permutations: int, seed: int) -> list[Integers]:
    random = np.random.default_rng(seed)
    return [random.permutation(n) for _ in range(permutations)]


def _pairs(
    metric: Metric,
    predicted: Sequence[Prediction],
    expected: Sequence[Expected],
    alphabet: Alphabet,
) -> Array:
    """Return the statistics of prediction i judged by item j, shape (items, items, k)."""
    n = len(predicted)
    items = np.arange(n)
    blocks = []
    step = max(1, BLOCK_PAIRS // n)
    for start in range(0, n, step):
        rows = items[start : start + step]
        ours = Selection(predicted, np.repeat(rows, n))
        theirs = Selection(expected, np.tile(items, len(rows)))
        block = np.asarray(metric.statistics(ours, theirs, alphabet), np.float64)
        blocks.append(block.reshape(len(rows), n, -1))
    return np.concatenate(blocks)


def _from_pairs(pairs: Array, orders: Sequence[Integers]) -> _Shuffled:
    n = len(pairs)
    items = np.arange(n)
    sums = np.stack([pairs[order, items].sum(axis=0) for order in orders])
    pooled = pairs.sum(axis=(0, 1)) - pairs[items, items].sum(axis=0)
    return _Shuffled(sums, pooled, n * (n - 1))


def _from_permutations(
    metric: Metric,
    predicted: Sequence[Prediction],
    expected: Sequence[Expected],
    alphabet: Alphabet,
    orders: Sequence[Integers],
) -> _Shuffled:
    items = np.arange(len(predicted))
    sums, moved, pairs = [], [], 0
    for order in orders:
        statistics = metric.statistics(Selection(predicted, order), expected, alphabet)
        away = np.flatnonzero(order != items)
        sums.append(_total(statistics))
        moved.append(_total(statistics[away]))
        pairs += len(away)
    return _Shuffled(np.stack(sums), np.sum(moved, axis=0), pairs)


def _total(statistics: Array | Sparse) -> Array:
    """Return the sum over items, (items, k) to (k,)."""
    return np.asarray(statistics.sum(axis=0), np.float64).ravel()
