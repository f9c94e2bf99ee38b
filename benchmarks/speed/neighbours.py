"""How fast the nearest of many sentence vectors are found, against scikit-learn's brute force.

    python benchmarks/speed/neighbours.py [--vectors 200000] [--queries 512] [--graph]

Vectors of length 1 and 384 dimensions in 100 soft clusters, k = 10. All ways run in this one process on
one thread, in turns, by CPU time, so that other work on the machine counts little. Exact search must
find what scikit-learn finds (recall 1) and be 3.4 times as fast; --graph also builds an HNSW graph,
which takes minutes.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

from deshi_plugins.encoders.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Callable

    Places = npt.NDArray[np.int64]

DIMENSIONS, CLUSTERS, K, TARGET = 384, 100, 10, 3.4


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--vectors", type=int, default=200_000)
    parser.add_argument("--queries", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--graph", action="store_true")
    options = parser.parse_args()
    drawn = draw(options.vectors + options.queries)
    vectors, queries = drawn[: options.vectors], drawn[options.vectors :]
    brute = NearestNeighbors(metric="cosine", algorithm="brute", n_jobs=1).fit(vectors)
    exact = Neighbours.of(vectors)
    ways: dict[str, Callable[[], Places]] = {
        "scikit-learn, brute force": lambda: brute.kneighbors(queries, K, return_distance=False),
        "faiss as it comes, 64 at a time": lambda: in_batches(as_it_comes(exact), queries, 64),
        "deshi, exact, 64 at a time": lambda: in_batches(exact, queries, 64),
        "deshi, exact": lambda: exact.search(queries, K)[1],
    }
    if options.graph:
        start = time.process_time()
        graph = Neighbours.of(vectors, "hnsw")
        print(f"HNSW graph built in {time.process_time() - start:.0f} CPU seconds")
        ways["deshi, hnsw"] = lambda: graph.search(queries, K)[1]
    return report(ways, len(vectors), len(queries), options.repeats)


def report(ways: dict[str, Callable[[], Places]], vectors: int, queries: int, repeats: int) -> int:
    times: dict[str, float] = dict.fromkeys(ways, float("inf"))
    places: dict[str, Places] = {}
    for _ in range(repeats):
        for name, way in ways.items():
            start = time.process_time()
            places[name] = way()
            times[name] = min(times[name], time.process_time() - start)
    brute = "scikit-learn, brute force"
    machine = platform.processor() or platform.machine()
    print(f"{vectors:,} vectors, {queries} queries, k = {K}; {machine}\n")
    print(f"{'':34}{'queries a CPU second':>22}{'x sklearn':>11}{'recall':>9}")
    for name, seconds in times.items():
        found = recall(places[brute], places[name])
        print(f"{name:34}{queries / seconds:22.0f}{times[brute] / seconds:11.1f}{found:9.3f}")
    ours = "deshi, exact"
    ratio, complete = times[brute] / times[ours], recall(places[brute], places[ours])
    print(
        f"\nexact search: {ratio:.1f} times scikit-learn (target {TARGET}) at recall {complete:.3f}"
    )
    return 0 if ratio >= TARGET and complete > 0.9995 else 1


def recall(wanted: Places, found: Places) -> float:
    """Return the share of the wanted neighbours that were found; ties may fall either way."""
    pairs = zip(wanted.tolist(), found.tolist(), strict=True)
    return float(np.mean([len({*one} & {*other}) / len(one) for one, other in pairs]))


def in_batches(index: Neighbours, queries: npt.NDArray[np.float32], size: int) -> Places:
    parts = [queries[at : at + size] for at in range(0, len(queries), size)]
    return np.concatenate([index.search(part, K)[1] for part in parts])


def as_it_comes(index: Neighbours) -> Neighbours:
    """Return the same index, searched with the settings that faiss has by itself."""

    class Plain(Neighbours):
        def search(
            self, queries: npt.NDArray[np.float32], k: int
        ) -> tuple[npt.NDArray[np.float32], Places]:
            found: tuple[npt.NDArray[np.float32], Places] = self._index.search(queries, k)
            return found

    return Plain(index._index)  # noqa: SLF001


def draw(number: int) -> npt.NDArray[np.float32]:
    """Return vectors of length 1 around a hundred centres, with 24 directions that matter."""
    random = np.random.default_rng(0)
    centres = random.standard_normal((CLUSTERS, 24))
    inner = centres[random.integers(0, CLUSTERS, number)] + random.standard_normal((number, 24))
    outer = inner @ random.standard_normal((24, DIMENSIONS))
    noisy = outer + 0.5 * random.standard_normal(outer.shape)
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    return noisy.astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
