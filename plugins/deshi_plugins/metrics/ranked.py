"""How early the correct emoji come: the student's ranking, or else the order of its prediction.

A repeated emoji takes up a rank and gains nothing; so does an emoji outside the alphabet. Non-emoji
tokens have no rank. Where the gold is empty, an empty prediction scores 1 and any
other 0. With several references an item is scored against the best match.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from deshi.api import encode_sequences
from deshi_plugins.metrics.base import MeanMetric, ratio
from deshi_plugins.metrics.params import AtKParams, MrrParams
from deshi_plugins.metrics.sets import among, match_references, ranked_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Emojis, Expected, LabelSets, Prediction
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


@dataclass(frozen=True, eq=False)
class Hits:
    """The right emoji within the ranks that count.

    `rows` and `ranks` (from 0), shape (hits,), are their positions, in order; `sizes`, shape
    (items,), is the size of each item's gold.
    """

    rows: Integers
    ranks: Integers
    sizes: Integers

    def total(self, weights: Array) -> Array:
        """Return the sum of the weights of each item's hits, shape (items,)."""
        total: Array = np.bincount(self.rows, weights, len(self.sizes)).astype(np.float64)
        return total


P = TypeVar("P", AtKParams, MrrParams)


class RankedMetric(MeanMetric[P]):
    """The mean over items of a figure of the ranks at which the right emoji stand."""

    @property
    @abstractmethod
    def depth(self) -> int:
        """How many ranks count."""
        ...

    @abstractmethod
    def of_hits(self, hits: Hits) -> Array:
        """Return the figure of each item, shape (items,); an item without gold may have any."""
        ...

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the figure of each item, shape (items,)."""
        pair = match_references(predicted, expected, alphabet)
        rankings = pair.predicted
        if any(prediction.ranked is not None for prediction in predicted):
            first = [_first_ranks(prediction, self.depth) for prediction in predicted]
            rankings = encode_sequences(first, alphabet)
        figures = self.of_hits(_hits(rankings, pair.expected, self.depth))
        return np.where(pair.overlap.expected > 0, figures, pair.overlap.both_empty)


class HitAtK(RankedMetric[AtKParams]):
    """Share of items with a right emoji among the first k."""

    @property
    def depth(self) -> int:
        """How many ranks count."""
        return self.params.k

    def of_hits(self, hits: Hits) -> Array:
        """Return 1 for items with a hit, shape (items,)."""
        return np.minimum(hits.total(np.ones(len(hits.rows))), 1.0)


class PrecisionAtK(RankedMetric[AtKParams]):
    """Mean of the right emoji among the first k, over k, however short the prediction is."""

    @property
    def depth(self) -> int:
        """How many ranks count."""
        return self.params.k

    def of_hits(self, hits: Hits) -> Array:
        """Return hits / k, shape (items,)."""
        return hits.total(np.ones(len(hits.rows))) / self.params.k


class RecallAtK(RankedMetric[AtKParams]):
    """Mean of the right emoji among the first k, over the size of the gold."""

    @property
    def depth(self) -> int:
        """How many ranks count."""
        return self.params.k

    def of_hits(self, hits: Hits) -> Array:
        """Return hits / |G|, shape (items,)."""
        return ratio(hits.total(np.ones(len(hits.rows))), hits.sizes)


class Mrr(RankedMetric[MrrParams]):
    """Mean of 1 / rank of the first right emoji, 0 where there is none (Voorhees 1999)."""

    @property
    def depth(self) -> int:
        """How many ranks count."""
        return self.params.depth

    def of_hits(self, hits: Hits) -> Array:
        """Return 1 / rank of the first hit, shape (items,)."""
        result = np.zeros(len(hits.sizes))
        rows, first = np.unique(hits.rows, return_index=True)
        result[rows] = 1.0 / (hits.ranks[first] + 1)
        return result


class Ndcg(RankedMetric[AtKParams]):
    """Mean of Σ 1 / log2(rank + 1) over hits, over its best possible value (Järvelin 2002)."""

    @property
    def depth(self) -> int:
        """How many ranks count."""
        return self.params.k

    def of_hits(self, hits: Hits) -> Array:
        """Return DCG@k / ideal DCG@k with gains 0 and 1, shape (items,)."""
        discounts = 1.0 / np.log2(np.arange(self.params.k) + 2.0)
        ideal = np.concatenate(([0.0], np.cumsum(discounts)))
        return ratio(
            hits.total(discounts[hits.ranks]), ideal[np.minimum(hits.sizes, self.params.k)]
        )


def _first_ranks(prediction: Prediction, depth: int) -> Emojis:
    """Return the first emoji of the ranking, or of the prediction where there is none."""
    if prediction.ranked is None:
        return prediction.emojis[:depth]
    return tuple(emoji for emoji, _ in prediction.ranked[:depth])


def _hits(rankings: LabelSets, gold: LabelSets, depth: int) -> Hits:
    candidates = ranked_labels(rankings)
    hits = np.flatnonzero(among(candidates, gold) & (candidates.ranks < depth))
    hits = hits[np.lexsort((candidates.ranks[hits], candidates.rows[hits]))]
    return Hits(candidates.rows[hits], candidates.ranks[hits], gold.sizes)
