"""Jaccard over the CLDR groups of emoji: 😊 for 🤔 is nearer than 📚 for 🤔."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from deshi.api import encode_predictions, encode_references
from deshi.emoji import inventory
from deshi_plugins.metrics.base import MeanMetric
from deshi_plugins.metrics.params import CategoryParams, Level
from deshi_plugins.metrics.sets import Overlap, against_all, best, common_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Expected, LabelSets, Prediction
    from deshi.api.kinds import Sparse
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class CategoryJaccard(MeanMetric[CategoryParams]):
    """Mean Jaccard of the sets of categories; over several references the best.

    Empty sets and unknown tokens count as they do for `jaccard`.
    """

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the Jaccard index of each item's categories, shape (items,)."""
        members = membership(alphabet, self.params.level)
        references = encode_references(expected, alphabet)
        sets = against_all(encode_predictions(predicted, alphabet), references)
        prediction, gold = _categories(sets, members), _categories(references.sets, members)
        sizes = Overlap(
            common_labels(prediction, gold).astype(np.float64),
            _sizes(prediction, sets),
            _sizes(gold, references.sets),
        )
        return best(sizes.jaccard(), references)


@functools.lru_cache(maxsize=8)
def membership(alphabet: Alphabet, level: Level) -> Sparse:
    """Return 1 where an emoji belongs to a category, shape (alphabet, categories), sparse."""
    known = inventory()
    names = [getattr(known[symbol], level) for symbol in alphabet.symbols]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    columns = np.array([numbers[name] for name in names], np.int64)
    bounds = np.arange(len(columns) + 1)
    shape = (len(columns), len(numbers))
    return csr_array((np.ones(len(columns), np.int32), columns, bounds), shape=shape)


def _categories(sets: LabelSets, members: Sparse) -> Sparse:
    """Return 1 where a row has a category, shape (rows, categories)."""
    categories = csr_array(sets.pattern().astype(np.int32) @ members)
    categories.sort_indices()
    categories.data[:] = 1
    return categories


def _sizes(categories: Sparse, sets: LabelSets) -> Array:
    sizes: Array = (np.diff(categories.indptr) + sets.unknown).astype(np.float64)
    return sizes
