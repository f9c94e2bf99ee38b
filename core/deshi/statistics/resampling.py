"""Whole documents, drawn with replacement, the same draws for every row of a group.

Texts of one document are not independent, so documents are the unit (Davison and Hinkley 1997,
section 3.8). A resample is a row of integer weights over documents that sum to the number of
documents; sharing the rows makes every difference between two students a paired one. Because a
metric is a function of sums, all resamples of a run are one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array, issparse

if TYPE_CHECKING:
    from deshi.api.kinds import Sparse
    from deshi.api.records import Array

    Counts: TypeAlias = Array | Sparse
    Weights: TypeAlias = np.typing.NDArray[np.uint8]

CELLS = 1 << 22
"""Numbers worked on at a time: 32 MiB of weights, as much of sums, and what a metric makes of them."""

_DRAWN = 1 << 16
"""Numbers drawn at a time: few enough that their counts stay in a processor's cache."""


@dataclass(frozen=True)
class Documents:
    """Which texts make a document: `sizes` (documents,) in texts, `members` (documents, texts)."""

    sizes: Array
    members: csr_array

    @classmethod
    def of(cls, documents: Sequence[str]) -> Documents:
        """Take the document of each text, in the order of the texts."""
        names, codes = np.unique(np.asarray(documents), return_inverse=True)
        n = len(documents)
        members = csr_array((np.ones(n), (codes, np.arange(n))), shape=(len(names), n))
        return cls(np.bincount(codes, minlength=len(names)).astype(np.float64), members)

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def effective(self) -> float:
        """The number of equal documents that say as much: (Σ n)² / Σ n² (Kish 1965)."""
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum()) if len(self) else 0.0

    def sums(self, run: Any) -> Counts:  # noqa: ANN401
        """Sum one run's counts, (texts, k), to (documents, k); sparse stays sparse."""
        if issparse(run):
            return csr_array(self.members @ csr_array(run))
        return np.asarray(self.members @ np.asarray(run, np.float64))


@dataclass(frozen=True)
class Resamples:
    """Weights over documents, (resamples, documents); each row sums to the number of documents.

    One byte a weight: 10,000 resamples of 2,000 documents are 20 MB. `seed` also seeds the draws of
    runs.
    """

    weights: Weights
    documents: Documents
    seed: int

    @classmethod
    def draw(cls, documents: Sequence[str] | Documents, resamples: int, seed: int) -> Resamples:
        """Draw `resamples` samples of documents with replacement; seed 0 is a seed like any other."""
        units = documents if isinstance(documents, Documents) else Documents.of(documents)
        rng = np.random.default_rng(seed)
        return cls(_weights(len(units), resamples, rng), units, seed)

    def __len__(self) -> int:
        return len(self.weights)

    def blocks(self, width: int) -> Iterator[tuple[slice, Array]]:
        """Yield the weights as floats in blocks whose products with `width` columns fit in CELLS."""
        step = max(1, CELLS // max(1, width, len(self.documents)))
        for start in range(0, len(self), step):
            part = slice(start, start + step)
            yield part, self.weights[part].astype(np.float64)


def _weights(documents: int, resamples: int, rng: np.random.Generator) -> Weights:
    """Count uniform draws, which is the multinomial distribution at a sixth of its sampler's time.

    A byte holds them: with up to 255 documents nothing larger can come, and with more a count of
    256 has a probability below 1e-500.
    """
    weights = np.empty((resamples, documents), np.uint8)
    kind = np.uint16 if documents <= np.iinfo(np.uint16).max else np.uint32
    step = max(1, _DRAWN // max(1, documents))
    offsets = np.arange(step, dtype=np.int64)[:, np.newaxis] * documents
    for start in range(0, resamples if documents else 0, step):
        rows = min(step, resamples - start)
        drawn = rng.integers(0, documents, size=(rows, documents), dtype=kind)
        counts = np.bincount((drawn + offsets[:rows]).ravel(), minlength=rows * documents)
        weights[start : start + rows] = counts.reshape(rows, documents)
    return weights
