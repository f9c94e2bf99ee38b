"""The student `knn`: neighbours vote, nothing is trained."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from deshi.api import ComponentError, Env, Examples, FitReport, Loss, Prediction, Text
from deshi_plugins.students.decoding import (
    Floats,
    expected_jaccard_sizes,
    predictions,
    ranking,
)
from deshi_plugins.students.params import KnnParams
from deshi_plugins.students.targets import check_trainable, targets

# Texts at a time: the scores of 512 texts over 1,900 emoji take 8 MB.
_BATCH = 512


class Knn:
    """Takes the labels of the texts with the most similar characters.

    The chance of a label is q_c = (Σ_j w_j y_jc + a π_c) / (1 + a), where w_j is the kernel
    exp(β (cos_j - 1)) of neighbour j, normalised to sum 1, y_jc its label, π_c the label's
    frequency in training and a the smoothing. The number of emoji is that of the highest expected
    Jaccard. Cosines are those of TF-IDF vectors of character n-grams; texts of the same document
    do not vote, since they would give its own label back.
    """

    def __init__(self, params: KnnParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._symbols: tuple[str, ...] = ()
        self._documents: tuple[str, ...] = ()
        # scikit-learn and scipy carry no types.
        self._vectorizer: Any = None
        self._vectors: Any = None
        self._labels: Any = None
        self._index: Any = None

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:  # noqa: ARG002
        """Index the training texts."""
        check_trainable("knn", train)
        self._vectorizer = _vectorizer(self.params.ngram)
        self._vectors = self._vectorizer.fit_transform([text.text for text in train.texts])
        self._labels = sparse.csr_array(targets(train, shares=True), dtype=np.float64)
        self._symbols = train.alphabet.symbols
        self._documents = tuple(text.document for text in train.texts)
        self._prepare()
        return FitReport(notes={"texts": len(train.texts), "ngrams": self._vectors.shape[1]})

    def _prepare(self) -> None:
        self._index = NearestNeighbors(metric="cosine", algorithm="brute").fit(self._vectors)
        self._prior: Floats = np.asarray(self._labels.sum(0)).ravel() / self._labels.shape[0]
        self._sizes = Counter(self._documents)
        self._numbers = {name: number for number, name in enumerate(self._sizes)}
        self._owner = np.array([self._numbers[name] for name in self._documents])

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction a text, in order."""
        found: list[Prediction] = []
        for start in range(0, len(texts), _BATCH):
            chances = self._chances(texts[start : start + _BATCH])
            ranks = ranking(chances, self.params.max_emoji)
            top = np.take_along_axis(chances, ranks, axis=-1)
            sizes = expected_jaccard_sizes(top, chances.sum(-1))
            found += predictions(chances, sizes, self._symbols)
            self.env.progress(len(found), len(texts))
        return found

    def _chances(self, texts: Sequence[Text]) -> Floats:
        """Return the chance of every label, shape (texts, labels)."""
        weights = self._weights(texts)
        total = weights.sum(1)
        # Without any neighbour the frequencies alone are left.
        scale = np.divide(1, total, out=np.zeros_like(total), where=total > 0)
        votes = np.asarray((weights @ self._labels).toarray()) * scale[:, None]
        smoothing = self.params.smoothing
        near = (total > 0).astype(np.float64)
        mass = near + smoothing
        mass[mass == 0] = 1
        return np.asarray((votes + smoothing * self._prior) / mass[:, None])

    def _weights(self, texts: Sequence[Text]) -> sparse.csr_array:
        """Return the kernel of the neighbours of each text, shape (texts, training texts)."""
        queries = self._vectorizer.transform([text.text for text in texts])
        # As many more as may have to be masked.
        own = max(self._sizes[text.document] for text in texts)
        count = min(self.params.k + own, len(self._documents))
        distances, neighbours = self._index.kneighbors(queries, n_neighbors=count)
        documents = np.array([self._numbers.get(text.document, -1) for text in texts])
        votes = (self._owner[neighbours] != documents[:, None]) & (distances < 1)
        votes &= np.cumsum(votes, axis=1) <= self.params.k
        nearest = np.where(votes, distances, np.inf).min(1, keepdims=True)
        # exp(β (cos - 1)) but for a factor a row, which normalising takes away again.
        excess = np.where(votes, distances - np.where(np.isfinite(nearest), nearest, 0), 0)
        kernel = np.where(votes, np.exp(-self.params.beta * excess), 0)
        rows = np.repeat(np.arange(len(texts)), count)
        shape = (len(texts), len(self._documents))
        return sparse.csr_array((kernel.ravel(), (rows, neighbours.ravel())), shape=shape)

    def save(self, folder: Path) -> None:
        """Write arrays as npz and npy, all else as JSON; nothing in it can run code."""
        if self._index is None:
            raise ComponentError("it is not fitted", where="student knn", mend="call fit first")
        sparse.save_npz(folder / "vectors.npz", self._vectors)
        sparse.save_npz(folder / "labels.npz", self._labels)
        np.save(folder / "idf.npy", self._vectorizer.idf_, allow_pickle=False)
        vocabulary = self._vectorizer.vocabulary_
        state = {
            "ngram": self.params.ngram,
            "symbols": self._symbols,
            "documents": self._documents,
            "vocabulary": sorted(vocabulary, key=vocabulary.__getitem__),
        }
        text = json.dumps(state, ensure_ascii=False)
        (folder / "knn.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: KnnParams, env: Env) -> Knn:
        """Return the student that was saved, with the decoding parameters that are given."""
        state = json.loads((folder / "knn.json").read_text(encoding="utf-8"))
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._documents = tuple(state["documents"])
        student._vectorizer = _vectorizer(state["ngram"], state["vocabulary"])
        student._vectorizer.idf_ = np.load(folder / "idf.npy", allow_pickle=False)
        student._vectors = sparse.load_npz(folder / "vectors.npz")
        student._labels = sparse.load_npz(folder / "labels.npz")
        student._prepare()
        return student


def _vectorizer(ngram: int, vocabulary: Sequence[str] | None = None) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char", ngram_range=(1, ngram), vocabulary=vocabulary)
