"""Hashed character n-grams as features of a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

Terms: TypeAlias = tuple[list[str], list[int], list[float]]
"""N-grams of a text, their columns, and their values."""


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

    def terms(self, text: str) -> Terms:
        """Return the n-grams of a text that are features, their columns and their values.

        N-grams that fell into one bucket cannot be distinguished: they have the same column.
        """
        if not text:
            return [], [], []
        row = self.transform([text]).tocoo()
        values = dict(zip(row.coords[1].tolist(), row.data.tolist(), strict=True))
        split = CountVectorizer(analyzer="char", ngram_range=(1, self.longest)).build_analyzer()
        grams = list(dict.fromkeys(split(text)))
        buckets = _vectorizer(self.longest, self.bits, analyzer=_whole).transform(grams)
        indices = {bucket: index for index, bucket in enumerate(self.columns.tolist())}
        known = [
            (gram, indices[bucket])
            for gram, bucket in zip(grams, buckets.indices.tolist(), strict=True)
            if indices.get(bucket) in values
        ]
        return [g for g, _ in known], [c for _, c in known], [values[c] for _, c in known]


def _whole(text: str) -> list[str]:
    return [text]


def _hashed(texts: Sequence[str], longest: int, bits: int) -> sparse.csr_array:
    return sparse.csr_array(_vectorizer(longest, bits).transform(texts))


def _vectorizer(
    longest: int, bits: int, analyzer: str | Callable[[str], list[str]] = "char"
) -> HashingVectorizer:
    return HashingVectorizer(
        analyzer=analyzer,
        ngram_range=(1, longest),
        n_features=2**bits,
        binary=True,
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
