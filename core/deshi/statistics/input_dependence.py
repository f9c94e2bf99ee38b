"""Does a student look at its input? Its predictions against the same ones on other documents.

A student that predicts whatever is frequent scores as well after a shuffle. With v the metric
and v_shuf its expected value for a prediction from a text of another document,

    ID = (v - v_shuf) / (1 - v_shuf)

is 0 for such a student, 1 for a perfect one, and below 0 for one that the shuffle would improve. It
is made for metrics whose best value is 1 and for which higher is better.

Whole documents are shuffled, since predictions and gold keep together within one: a student that has
learned to distinguish documents, and nothing of what they say, would pass if single texts were. Of
several runs the mean is tested, all of them shuffled alike.
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


class _Scorer(NamedTuple):
    """What scores runs: the metric, the gold, and the document of each item as a number."""

    metric: Metric
    expected: Sequence[Expected]
    alphabet: Alphabet
    documents: Integers

    def statistics(self, predicted: Sequence[Prediction]) -> Array | Sparse:
        """Return the counts of predictions for these items, (items, k)."""
        return self.metric.statistics(predicted, self.expected, self.alphabet)

    def value(self, sums: Array, items: int) -> Array:
        """Return the metric of summed counts, (..., k) to (...)."""
        n = np.full(np.shape(sums)[:-1], float(items))
        return np.asarray(self.metric.value(sums, n), np.float64)


class _Values(NamedTuple):
    """A run's value, that of its predictions on other documents, and that of each permutation."""

    observed: float
    by_chance: float
    permuted: Array


def input_dependence(
    metric: Metric,
    runs: Sequence[Sequence[Prediction]],
    expected: Sequence[Expected],
    alphabet: Alphabet,
    *,
    documents: Sequence[str] | None = None,
    permutations: int = 1000,
    seed: int,
) -> Dependence:
    """Return ID of the mean over runs, and the one-sided p = (c + 1) / (R + 1) of a permutation test.

    v_shuf is the metric over all pairs of a prediction and the gold of another document: exactly up to
    2,000 items, and over the pairs that the permutations make beyond. Without `documents` each item
    is one of its own. Both are NaN where the metric is undefined, with one document, or where
    permuted predictions are perfect.
    """
    names = np.arange(len(expected)) if documents is None else np.asarray(documents)
    scorer = _Scorer(metric, expected, alphabet, np.unique(names, return_inverse=True)[1])
    if len(set(scorer.documents.tolist())) < 2:
        return Dependence(np.nan, np.nan)
    orders = _orders(scorer.documents, permutations, seed)
    found = [_values(scorer, predicted, orders) for predicted in runs]
    observed = float(np.mean([values.observed for values in found]))
    value = dependence_index(observed, float(np.mean([values.by_chance for values in found])))
    if np.isnan(value):
        return Dependence(np.nan, np.nan)
    permuted = np.mean([values.permuted for values in found], axis=0)
    as_far = int(np.count_nonzero(permuted >= observed - TIE))
    return Dependence(value, (as_far + 1) / (permutations + 1))


def dependence_index(observed: float, shuffled: float) -> float:
    """Return (v - v_shuf) / (1 - v_shuf), NaN where v_shuf leaves no room above it."""
    room = 1.0 - shuffled
    return (observed - shuffled) / room if room > TIE else float("nan")


def _orders(documents: Integers, permutations: int, seed: int) -> list[Integers]:
    """Return whose prediction each item gets: documents in another order, their items kept together."""
    random = np.random.default_rng(seed)
    indices = np.argsort(documents, kind="stable")
    count = int(documents.max()) + 1
    orders: list[Integers] = []
    for _ in range(permutations):
        rank = random.permutation(count)
        order = np.empty(len(documents), np.int64)
        order[indices] = np.argsort(rank[documents], kind="stable")
        orders.append(order)
    return orders


def _values(
    scorer: _Scorer, predicted: Sequence[Prediction], orders: Sequence[Integers]
) -> _Values:
    n = len(predicted)
    own = scorer.statistics(predicted)
    observed = float(scorer.value(_total(own), n))
    if n <= EXACT_ITEMS and isinstance(own, np.ndarray) and n * n * own.shape[1] <= EXACT_CELLS:
        return _from_pairs(scorer, _pairs(scorer, predicted), observed, orders)
    return _from_permutations(scorer, predicted, observed, orders)


def _pairs(scorer: _Scorer, predicted: Sequence[Prediction]) -> Array:
    """Return the statistics of prediction i scored on item j, shape (items, items, k)."""
    n = len(predicted)
    items = np.arange(n)
    blocks = []
    step = max(1, BLOCK_PAIRS // n)
    for start in range(0, n, step):
        rows = items[start : start + step]
        ours = Selection(predicted, np.repeat(rows, n))
        theirs = Selection(scorer.expected, np.tile(items, len(rows)))
        block = np.asarray(scorer.metric.statistics(ours, theirs, scorer.alphabet), np.float64)
        blocks.append(block.reshape(len(rows), n, -1))
    return np.concatenate(blocks)


def _from_pairs(
    scorer: _Scorer, pairs: Array, observed: float, orders: Sequence[Integers]
) -> _Values:
    n = len(pairs)
    items = np.arange(n)
    sums = np.stack([pairs[order, items].sum(axis=0) for order in orders])
    apart = scorer.documents[:, np.newaxis] != scorer.documents
    by_chance = scorer.value(pairs[apart].sum(axis=0), int(apart.sum()))
    return _Values(observed, float(by_chance), scorer.value(sums, n))


def _from_permutations(
    scorer: _Scorer, predicted: Sequence[Prediction], observed: float, orders: Sequence[Integers]
) -> _Values:
    sums, moved, pairs = [], [], 0
    for order in orders:
        statistics = scorer.statistics(Selection(predicted, order))
        away = np.flatnonzero(scorer.documents[order] != scorer.documents)
        sums.append(_total(statistics))
        moved.append(_total(statistics[away]))
        pairs += len(away)
    by_chance = scorer.value(np.sum(moved, axis=0), pairs)
    return _Values(observed, float(by_chance), scorer.value(np.stack(sums), len(predicted)))


def _total(statistics: Array | Sparse) -> Array:
    """Return the sum over items, (items, k) to (k,)."""
    return np.asarray(statistics.sum(axis=0), np.float64).ravel()
