"""Overlap of label sets, item by item.

Conventions of all of them: an item whose sets are both empty scores 1, one with a single empty set
0; every unknown token of a prediction is one wrong prediction; where there are several references, an
item is scored against the one with the highest Jaccard, the first on ties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deshi.api import NoParams, encode_predictions, encode_references
from deshi_plugins.metrics.base import MeanMetric, share_or_rule
from deshi_plugins.metrics.params import JaccardParams
from deshi_plugins.metrics.sets import (
    against_all,
    best,
    match_references,
    mean,
    overlap_with_all,
    token_counts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Expected, LabelSets, Prediction
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class Jaccard(MeanMetric[JaccardParams]):
    """Mean of |P ∩ G| / |P ∪ G| over items (Jaccard 1912)."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the Jaccard index of each item, shape (items,)."""
        references = encode_references(expected, alphabet)
        predictions = encode_predictions(predicted, alphabet)
        scores = overlap_with_all(predictions, references).jaccard()
        reduce = best if self.params.references == "best" else mean
        return reduce(scores, references)


class MultisetJaccard(MeanMetric[NoParams]):
    """Mean of Σ min / Σ max of the counts over items (Ruzicka 1958); sees repetition."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return Σ min(p, g) / Σ max(p, g) of each item, shape (items,)."""
        pair = match_references(predicted, expected, alphabet)
        prediction, gold = pair.predicted.multiplicities(), pair.expected.multiplicities()
        low = np.asarray(prediction.minimum(gold).sum(axis=1), np.float64)
        high = token_counts(pair.predicted) + token_counts(pair.expected) - low
        return share_or_rule(low, high, pair.overlap.both_empty)


class SamplePrecision(MeanMetric[NoParams]):
    """Mean of |P ∩ G| / |P| over items."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the precision of each item, shape (items,)."""
        sizes = match_references(predicted, expected, alphabet).overlap
        return share_or_rule(sizes.common, sizes.predicted, sizes.both_empty)


class SampleRecall(MeanMetric[NoParams]):
    """Mean of |P ∩ G| / |G| over items."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the recall of each item, shape (items,)."""
        sizes = match_references(predicted, expected, alphabet).overlap
        return share_or_rule(sizes.common, sizes.expected, sizes.both_empty)


class SampleF1(MeanMetric[NoParams]):
    """Mean of 2 |P ∩ G| / (|P| + |G|) over items."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the F1 of each item, shape (items,)."""
        sizes = match_references(predicted, expected, alphabet).overlap
        both = sizes.predicted + sizes.expected
        return share_or_rule(2 * sizes.common, both, sizes.both_empty)


class ExactMatch(MeanMetric[NoParams]):
    """Share of items whose set equals a reference's."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return 1 where P = G as sets, shape (items,)."""
        sizes = match_references(predicted, expected, alphabet).overlap
        same: Array = np.equal(2 * sizes.common, sizes.predicted + sizes.expected)
        return same.astype(np.float64)


class ExactSequence(MeanMetric[NoParams]):
    """Share of items that equal a reference emoji for emoji, in order and number.

    Any reference will do: the best by Jaccard may be the same set in another order.
    """

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return 1 where P = G as lists, shape (items,)."""
        references = encode_references(expected, alphabet)
        predictions = against_all(encode_predictions(predicted, alphabet), references)
        return best(_same_sequence(predictions, references.sets), references)


def _same_sequence(left: LabelSets, right: LabelSets) -> Array:
    """Return 1 where two rows are the same list; a row with an unknown token equals nothing."""
    same = (left.lengths == right.lengths) & (left.unknown == 0) & (right.unknown == 0)
    rows = np.flatnonzero(same)
    one, other = left.take(rows), right.take(rows)
    differing = np.concatenate(([0], np.cumsum(one.codes != other.codes)))
    same[rows] = np.diff(differing[one.starts]) == 0
    result: Array = same.astype(np.float64)
    return result
