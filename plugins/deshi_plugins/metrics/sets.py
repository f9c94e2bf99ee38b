"""The kernel under every overlap metric: the sizes of intersections, for all items at once."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deshi.api import encode_predictions, encode_references

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from deshi.api import Expected, LabelSets, Prediction, References
    from deshi.api.kinds import Sparse
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


@dataclass(frozen=True, eq=False)
class Overlap:
    """|P ∩ G|, |P| and |G| of each row, shape (rows,), float64; the sizes count unknown tokens."""

    common: Array
    predicted: Array
    expected: Array

    @property
    def both_empty(self) -> Array:
        """1 where nothing was expected and nothing predicted."""
        empty: Array = np.equal(self.predicted + self.expected, 0).astype(np.float64)
        return empty

    def jaccard(self) -> Array:
        """Return |P ∩ G| / |P ∪ G|, 1 where both are empty."""
        union = self.predicted + self.expected - self.common
        return np.divide(self.common, union, out=np.ones(len(union)), where=union > 0)


@dataclass(frozen=True, eq=False)
class BestReferences:
    """Predictions beside the reference that each is scored against, and their overlap."""

    predicted: LabelSets
    expected: LabelSets
    overlap: Overlap


def common_labels(predicted: Sparse, expected: Sparse) -> Integers:
    """Return the size of each row's intersection, shape (rows,), from two 0/1 matrices."""
    # The product of two ones is never 0, so the stored cells of a row are its intersection.
    common: Integers = np.diff(predicted.multiply(expected).indptr)
    return common


def overlap(predicted: LabelSets, expected: LabelSets) -> Overlap:
    """Return the overlap of rows that stand opposite each other."""
    return Overlap(
        common_labels(predicted.pattern(), expected.pattern()).astype(np.float64),
        predicted.sizes.astype(np.float64),
        expected.sizes.astype(np.float64),
    )


# Label sets are remembered, immutable and compared by identity, so a report's many metrics share
# one overlap.
@functools.lru_cache(maxsize=2)
def overlap_with_all(predicted: LabelSets, references: References) -> Overlap:
    """Return the overlap of each prediction with every reference of its item, in their order."""
    return overlap(against_all(predicted, references), references.sets)


def token_counts(sets: LabelSets) -> Array:
    """Return the number of tokens in each row, repeats and unknown ones included, shape (rows,)."""
    known = np.concatenate(([0], np.cumsum(sets.counts)))
    total: Array = (np.diff(known[sets.indptr]) + sets.unknown).astype(np.float64)
    return total


@dataclass(frozen=True, eq=False)
class RankedLabels:
    """Every emoji of the alphabet where it stands first in its row, in ascending order of `keys`.

    `keys` is row · width + emoji, so that one search serves all rows; `ranks` count from 0,
    and what is outside the alphabet or a repeat takes up a rank. All have shape (labels,).
    """

    keys: Integers
    rows: Integers
    ranks: Integers


def ranked_labels(sets: LabelSets) -> RankedLabels:
    """Return where each emoji of each row stands first."""
    rows = np.repeat(np.arange(len(sets)), sets.lengths)
    ranks = np.arange(len(rows)) - np.repeat(sets.starts[:-1], sets.lengths)
    known = np.flatnonzero(sets.codes >= 0)
    keys, first = np.unique(rows[known] * sets.width + sets.codes[known], return_index=True)
    chosen = known[first]
    return RankedLabels(keys, rows[chosen], ranks[chosen])


def among(candidates: RankedLabels, sets: LabelSets) -> npt.NDArray[np.bool_]:
    """Return whether the row opposite has each of these emoji, shape (labels,)."""
    owners = np.repeat(np.arange(len(sets)), np.diff(sets.indptr))
    # Both sides are distinct and ascending, so that no sort is needed.
    has = owners * sets.width + sets.indices
    if not len(has):
        return np.zeros(len(candidates.keys), bool)
    at = np.minimum(np.searchsorted(has, candidates.keys), len(has) - 1)
    same: npt.NDArray[np.bool_] = np.equal(has[at], candidates.keys)
    return same


def against_all(predicted: LabelSets, references: References) -> LabelSets:
    """Return the predictions, each once for every reference of its item."""
    return predicted if references.single else predicted.take(references.owner)


def best_rows(scores: Array, references: References) -> Integers:
    """Return the row of each item's best reference, the first where several are equally good."""
    if references.single:
        return np.arange(len(references))
    owner = references.owner
    best = np.maximum.reduceat(scores, references.offsets[:-1])
    rows = np.flatnonzero(scores == best[owner])
    _, first = np.unique(owner[rows], return_index=True)
    return rows[first]


def best(scores: Array, references: References) -> Array:
    """Return the best score of each item over its references, shape (items,)."""
    if references.single:
        return scores
    highest: Array = np.maximum.reduceat(scores, references.offsets[:-1])
    return highest


def mean(scores: Array, references: References) -> Array:
    """Return the mean score of each item over its references, shape (items,)."""
    if references.single:
        return scores
    total: Array = np.add.reduceat(scores, references.offsets[:-1])
    return total / np.diff(references.offsets)


def match_references(
    predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
) -> BestReferences:
    """Return each prediction beside its best-matching reference by Jaccard, the first on ties."""
    predictions = encode_predictions(predicted, alphabet)
    references = encode_references(expected, alphabet)
    every = overlap_with_all(predictions, references)
    if references.single:
        return BestReferences(predictions, references.sets, every)
    rows = best_rows(every.jaccard(), references)
    chosen = Overlap(every.common[rows], every.predicted[rows], every.expected[rows])
    return BestReferences(predictions, references.sets.take(rows), chosen)
