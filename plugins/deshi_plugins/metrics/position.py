"""Whether the right emoji stand at the right positions: the order of a prediction against the gold's.

Positions are those of the prediction itself: a repeat and an emoji outside the alphabet each take
up one, a non-emoji token has none but counts as one too many. An item whose sides are both
empty scores 1, one with a single empty side 0. With several references an item is scored against the
one that its prediction matches best by Jaccard, the first on ties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Metric, NoParams
from deshi_plugins.metrics.base import MeanMetric, ratio, share_or_rule
from deshi_plugins.metrics.sets import match_references, ranked_labels, token_counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deshi.api import Env, Expected, LabelSets, Prediction
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet

_NONE = -1


class FirstPosition(MeanMetric[NoParams]):
    """Share of items whose first emoji is the gold's first."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return 1 where the first emoji agree, shape (items,)."""
        pair = match_references(predicted, expected, alphabet)
        prediction, gold = _first(pair.predicted), _first(pair.expected)
        same: Array = ((prediction == gold) & (gold != _NONE)).astype(np.float64)
        return np.maximum(same, pair.overlap.both_empty)


class ExactPosition(MeanMetric[NoParams]):
    """Mean of the positions at which prediction and gold agree, over the longer of the two."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return agreeing positions / max(|P|, |G|) of each item, shape (items,)."""
        pair = match_references(predicted, expected, alphabet)
        longer = np.maximum(token_counts(pair.predicted), token_counts(pair.expected))
        return share_or_rule(
            _agreeing(pair.predicted, pair.expected), longer, pair.overlap.both_empty
        )


class KendallTau(Metric):
    """Mean Kendall τ of the order of the emoji that prediction and gold share: k = 2.

    τ = (concordant - discordant) / pairs (Kendall 1938), each emoji where it stands first, so that
    there are no ties. An item with fewer than two shared emoji has no order and is left out.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return τ, 0 for none, and whether there is one, shape (items, 2)."""
        pair = match_references(predicted, expected, alphabet)
        taus = np.zeros((len(pair.predicted), 2))
        for items, ranks in _shared_orders(pair.predicted, pair.expected):
            size = ranks.shape[1]
            later, earlier = np.tril_indices(size, -1)
            signs = np.sign(ranks[:, later] - ranks[:, earlier])
            taus[items, 0] = signs.sum(axis=1) / len(later)
            taus[items, 1] = 1.0
        return taus

    def value(self, sums: Array, n: Array) -> Array:
        """Return the mean τ, NaN where no item has one."""
        del n
        return ratio(sums[..., 0], sums[..., 1])


def _first(sets: LabelSets) -> Integers:
    """Return the emoji at each row's first position, `_NONE` where there is none of the alphabet."""
    first: Integers = np.full(len(sets), _NONE)
    filled = np.flatnonzero(sets.lengths)
    first[filled] = sets.codes[sets.starts[filled]]
    return first


def _agreeing(left: LabelSets, right: LabelSets) -> Array:
    """Return at how many positions two rows have the same emoji, shape (rows,)."""
    shorter = np.minimum(left.lengths, right.lengths)
    rows = np.repeat(np.arange(len(left)), shorter)
    position = np.arange(len(rows)) - np.repeat(np.cumsum(shorter) - shorter, shorter)
    one = left.codes[left.starts[rows] + position]
    same = (one == right.codes[right.starts[rows] + position]) & (one >= 0)
    agreeing: Array = np.bincount(rows, same, len(left)).astype(np.float64)
    return agreeing


def _shared_orders(predictions: LabelSets, gold: LabelSets) -> Iterator[tuple[Integers, Integers]]:
    """Yield, for each number m ≥ 2 of shared emoji, the items and the gold's ranks of these emoji.

    The ranks, shape (items, m), stand in the order of the prediction.
    """
    ours, theirs = ranked_labels(predictions), ranked_labels(gold)
    _, one, other = np.intersect1d(ours.keys, theirs.keys, assume_unique=True, return_indices=True)
    order = np.lexsort((ours.ranks[one], ours.rows[one]))
    rows, ranks = ours.rows[one][order], theirs.ranks[other][order]
    shared = np.bincount(rows, minlength=len(predictions))
    for size in np.unique(shared[shared > 1]).tolist():
        yield np.flatnonzero(shared == size), ranks[shared[rows] == size].reshape(-1, size)
