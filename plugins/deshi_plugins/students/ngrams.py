"""Hashed character n-grams as features of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer


@dataclass(frozen=True, slots=True, eq=False)
class HashedNgrams:
    """Which buckets of the hash are features, and what they weigh.

    A text is the set of its character n-grams, up to `longest`, hashed into 2^`bits` buckets. A
    bucket weighs its inverse document frequency, log((1 + n) / (1 + df)) + 1; vectors have
    length 1. `columns` (features,) are the buckets that enough training texts have.
    """

    longest: int
    bits: int
    columns: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]

    @classmethod
    def learn(cls, texts: Sequence[str], *, longest: int, bits: int, at_least: int) -> HashedNgrams:
        """Choose the buckets that `at_least` texts have, or all where none has."""
        hashed = _hashed(texts, longest, bits)
        frequency = np.asarray(hashed.sum(0)).ravel()
        columns = np.flatnonzero(frequency >= at_least)
        if not columns.size:
            columns = np.flatnonzero(frequency)
        if not columns.size:
            columns = np.zeros(1, dtype=np.int64)
        weights = np.log((1 + len(texts)) / (1 + frequency[columns])) + 1
        return cls(longest, bits, columns.astype(np.int64), weights.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> sparse.csr_array:
        """Return sparse rows of length 1, shape (texts, features); an unknown text is all 0."""
        chosen = _hashed(texts, self.longest, self.bits)[:, self.columns]
        weighted = chosen.multiply(self.weights[None, :]).tocsr()
        lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
        inverse = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return (sparse.diags_array(inverse) @ weighted).tocsr().astype(np.float32)


def _hashed(texts: Sequence[str], longest: int, bits: int) -> sparse.csr_array:
    vectorizer = HashingVectorizer(
        analyzer="char",
        ngram_range=(1, longest),
        n_features=2**bits,
        binary=True,
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
    return sparse.csr_array(vectorizer.transform(texts))
