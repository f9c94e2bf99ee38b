"""Vector spaces of texts: character n-grams, or a sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from deshi.api import Env, Json
from deshi_plugins.encoders.cached_encoder import make_encoder
from deshi_plugins.encoders.neighbours import Neighbours
from deshi_plugins.students.params import KnnParams


class Space(Protocol):
    """Texts as vectors, with a search for neighbours."""

    def index(self, texts: Sequence[str]) -> None:
        """Learn what there is to learn from the training texts, and index them."""
        ...

    def nearest(
        self, texts: Sequence[str], k: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Return cosines and indices of the `k` nearest training texts, nearest first, (texts, k)."""
        ...

    def save(self, folder: Path) -> Json:
        """Write arrays into a folder; return the rest as JSON."""
        ...

    def restore(self, folder: Path, state: Json) -> None:
        """Restore what `save` wrote."""
        ...


def make_space(params: KnnParams, env: Env) -> Space:
    """Return the space that the parameters name."""
    return NgramSpace(params) if params.vectors == "tf-idf" else EncoderSpace(params, env)


class NgramSpace:
    """TF-IDF vectors of character n-grams, compared with all others by scikit-learn."""

    def __init__(self, params: KnnParams) -> None:
        self._ngram = params.ngram
        # scikit-learn and scipy carry no types.
        self._vectorizer: Any = None
        self._vectors: Any = None
        self._index: Any = None

    def index(self, texts: Sequence[str]) -> None:
        """Count the n-grams and index the texts."""
        self._vectorizer = _vectorizer(self._ngram)
        self._vectors = self._vectorizer.fit_transform(texts)
        self._prepare()

    def _prepare(self) -> None:
        from sklearn.neighbors import NearestNeighbors

        self._index = NearestNeighbors(metric="cosine", algorithm="brute").fit(self._vectors)

    def nearest(
        self, texts: Sequence[str], k: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Return cosines and indices, (texts, k) both."""
        queries = self._vectorizer.transform(texts)
        distances, indices = self._index.kneighbors(queries, n_neighbors=k)
        return 1 - distances, indices

    def save(self, folder: Path) -> Json:
        """Write vectors and inverse document frequencies; return the vocabulary."""
        from scipy import sparse

        sparse.save_npz(folder / "vectors.npz", self._vectors)
        np.save(folder / "idf.npy", self._vectorizer.idf_, allow_pickle=False)
        vocabulary = self._vectorizer.vocabulary_
        return {"ngram": self._ngram, "vocabulary": sorted(vocabulary, key=vocabulary.__getitem__)}

    def restore(self, folder: Path, state: Json) -> None:
        """Restore what was saved."""
        from scipy import sparse

        self._ngram = state["ngram"]
        self._vectorizer = _vectorizer(state["ngram"], state["vocabulary"])
        self._vectorizer.idf_ = np.load(folder / "idf.npy", allow_pickle=False)
        self._vectors = sparse.load_npz(folder / "vectors.npz")
        self._prepare()


class EncoderSpace:
    """Vectors of a frozen sentence encoder, searched by faiss."""

    def __init__(self, params: KnnParams, env: Env) -> None:
        assert params.vectors != "tf-idf"
        self._params = params
        self._env = env
        self._encoder = make_encoder(params.vectors, params, env)
        self._index: Neighbours | None = None

    def index(self, texts: Sequence[str]) -> None:
        """Encode the texts and index them."""
        vectors = self._encoder.encode(texts)
        self._index = Neighbours.of(vectors, self._params.search, self._env.threads)

    def nearest(
        self, texts: Sequence[str], k: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Return cosines and indices, (texts, k) both."""
        assert self._index is not None
        cosines, indices = self._index.search(self._encoder.encode(texts), k)
        return cosines.astype(np.float64), indices

    def save(self, folder: Path) -> Json:
        """Write the index."""
        assert self._index is not None
        self._index.save(folder / "vectors.faiss")
        return {}

    def restore(self, folder: Path, state: Json) -> None:  # noqa: ARG002
        """Read the index."""
        self._index = Neighbours.load(folder / "vectors.faiss", self._env.threads)


def _vectorizer(ngram: int, vocabulary: Sequence[str] | None = None) -> Any:  # noqa: ANN401
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(1, ngram), vocabulary=vocabulary)
