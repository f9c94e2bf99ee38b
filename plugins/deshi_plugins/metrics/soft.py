"""Jaccard that gives part of a point for a similar emoji."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from deshi.api import encode_predictions, encode_references
from deshi_plugins.metrics.base import MeanMetric, share_or_rule
from deshi_plugins.metrics.params import SoftJaccardParams
from deshi_plugins.metrics.sets import against_all, best, overlap_with_all
from deshi_plugins.metrics.similarity import embedding_similarity, keyword_similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from deshi.api import Env, Expected, LabelSets, Prediction
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class SoftJaccard(MeanMetric[SoftJaccardParams]):
    """Mean of M / (|P| + |G| - M), M being the best one-to-one matching of P and G by similarity.

    The similarity is that of `keyword_similarity` or `embedding_similarity`; another can be passed, as a
    function from the alphabet to a matrix (alphabet, alphabet) in [0, 1] with ones on the diagonal.
    Unknown pieces match nothing. Over several references the best counts.
    """

    def __init__(
        self,
        params: SoftJaccardParams,
        env: Env,
        similarity: Callable[[Alphabet], Array] | None = None,
    ) -> None:
        super().__init__(params, env)
        own = embedding_similarity if params.similarity == "embedding" else self._by_keywords
        self.similarity = similarity or own

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return M / (|P| + |G| - M) of each item, shape (items,)."""
        references = encode_references(expected, alphabet)
        encoded = encode_predictions(predicted, alphabet)
        sizes, predictions = overlap_with_all(encoded, references), against_all(encoded, references)
        # Where the known sets are the same, each emoji matches itself and nothing beats that.
        known = np.diff(predictions.indptr), np.diff(references.sets.indptr)
        differ = (sizes.common < known[0]) | (sizes.common < known[1])
        rows = np.flatnonzero(differ & (known[0] > 0) & (known[1] > 0))
        matching = sizes.common.copy()
        matching[rows] = _matchings(
            self.similarity(alphabet), predictions.take(rows), references.sets.take(rows)
        )
        both = sizes.predicted + sizes.expected
        scores = share_or_rule(matching, both - matching, sizes.both_empty)
        return best(scores, references)

    def _by_keywords(self, alphabet: Alphabet) -> Array:
        return keyword_similarity(
            alphabet,
            idf=self.params.weights == "idf",
            stop=self.params.stop,
            stop_weight=self.params.stop_weight,
        )


def _matchings(similarity: Array, predictions: LabelSets, gold: LabelSets) -> Array:
    """Return the weight of the best matching of each row, shape (rows,)."""
    result = np.zeros(len(predictions))
    ours, theirs = predictions.indptr.tolist(), gold.indptr.tolist()
    for row in range(len(predictions)):
        one = predictions.indices[ours[row] : ours[row + 1]]
        other = gold.indices[theirs[row] : theirs[row + 1]]
        block = similarity[one[:, np.newaxis], other]
        if block.any():
            result[row] = block[linear_sum_assignment(block, maximize=True)].sum()
    return result
