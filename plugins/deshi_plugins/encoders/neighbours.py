"""The nearest of many vectors of length 1, by faiss: exactly, or nearly and faster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from deshi.api import NotReadyError, install_command

Floats32: TypeAlias = npt.NDArray[np.float32]
Search: TypeAlias = Literal["exact", "hnsw"]

# Below this number of distances (faiss has 128,000) one query after another is scanned against all
# vectors, which is 8 to 12 times slower than a matrix product; batches here are a few hundred.
_BLOCKS_FROM = 8
_LINKS, _BUILD_BREADTH = 32, 100


class Neighbours:
    """An index over vectors of length 1, shape (n, dimensions)."""

    def __init__(self, index: Any, threads: int = 1) -> None:  # noqa: ANN401
        self._index = index
        self._threads = threads

    @classmethod
    def of(cls, vectors: Floats32, search: Search = "exact", threads: int = 1) -> Neighbours:
        """Index vectors.

        `exact` compares with all of them, in blocks. `hnsw` walks a graph (Malkov and Yashunin 2020):
        it finds some 97 of 100 neighbours, and takes minutes to build from 100,000 on. It is built
        by one thread, since several would not build the same graph twice.
        """
        faiss = _library()
        dimensions = vectors.shape[1]
        if search == "exact":
            index = faiss.IndexFlatIP(dimensions)
        else:
            index = faiss.IndexHNSWFlat(dimensions, _LINKS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = _BUILD_BREADTH
        with _settings(faiss, 1):
            index.add(np.ascontiguousarray(vectors))
        return cls(index, threads)

    def search(self, queries: Floats32, k: int) -> tuple[Floats32, npt.NDArray[np.int64]]:
        """Return cosines and indices of the `k` nearest, the nearest first, both (queries, k).

        Where the graph leads to fewer, the rest have the cosine -1 and the index 0.
        """
        if hasattr(self._index, "hnsw"):
            self._index.hnsw.efSearch = max(4 * k, 128)
        with _settings(_library(), self._threads):
            cosines, indices = self._index.search(np.ascontiguousarray(queries), k)
        lost = indices < 0
        return np.where(lost, np.float32(-1), cosines), np.where(lost, 0, indices)

    def save(self, file: Path) -> None:
        """Write the index with its vectors."""
        _library().write_index(self._index, str(file))

    @classmethod
    def load(cls, file: Path, threads: int = 1) -> Neighbours:
        """Return the index that was saved."""
        return cls(_library().read_index(str(file)), threads)


@contextmanager
def _settings(faiss: Any, threads: int) -> Iterator[None]:  # noqa: ANN401
    """Let faiss use so many threads and work in blocks, and then as before."""
    before = faiss.cvar.distance_compute_blas_threshold, faiss.omp_get_max_threads()
    faiss.cvar.distance_compute_blas_threshold = _BLOCKS_FROM
    faiss.omp_set_num_threads(threads)
    try:
        yield
    finally:
        faiss.cvar.distance_compute_blas_threshold = before[0]
        faiss.omp_set_num_threads(before[1])


def _library() -> Any:  # noqa: ANN401
    try:
        import faiss
    except ImportError:
        raise NotReadyError(
            "needs the extra 'vectors', which is not installed",
            where="neighbours among vectors",
            fix=f'run `{install_command("vectors")}`, or choose vectors = "tf-idf"',
        ) from None
    return faiss
