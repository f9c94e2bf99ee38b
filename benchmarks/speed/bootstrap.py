"""How fast paired intervals of all pairs of rows are, against scipy.stats.bootstrap pair by pair.

    python benchmarks/speed/bootstrap.py [--rows 20] [--texts 2000] [--resamples 10000] [--repeats 3]

Both ways run in this one process on the same scores, one number a text, each text its own document.
scipy's way is timed on one pair, with the batch that suits it best, and multiplied; its percentile
interval must agree with ours within Monte-Carlo error. Times depend on the machine; read the ratio.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from deshi.statistics.intervals import Interval, fixed_models_difference
from deshi.statistics.randomisation import randomise
from deshi.statistics.replicates import RowScores, replicate
from deshi.statistics.resampling import Resamples

if TYPE_CHECKING:
    from deshi.api.records import Array

TARGET = 80
BATCHES = (None, 250, 1000)


class Mean:
    """The mean of one number a text."""

    def statistics(self, *_: object) -> Array:
        raise NotImplementedError

    def value(self, sums: Array, n: Array) -> Array:
        return sums[..., 0] / n


def main() -> int:
    options = _options()
    rng = np.random.default_rng(0)
    texts = rng.normal(0.2, 0.15, (options.texts, 1))
    scores = [texts + rng.normal(0, 0.2, (options.texts, 1)) for _ in range(options.rows)]
    names = [str(at) for at in range(options.texts)]
    pairs = options.rows * (options.rows - 1) // 2

    ours = _best(lambda: _all_pairs(scores, names, options.resamples), options.repeats)
    theirs = min(
        _best(partial(_scipy_pair, scores[0], scores[1], options.resamples, batch), options.repeats)
        for batch in BATCHES
    )
    tests = _best(lambda: _randomised(scores, names, options.resamples), 1)

    print(f"{options.rows} rows x {options.texts} texts x {options.resamples} resamples")
    print(f"{pairs} paired intervals and {options.rows} single ones: {ours:.3f} s")
    print(f"  a pair {1e3 * ours / pairs:8.2f} ms")
    print("scipy.stats.bootstrap, paired, percentile")
    print(f"  a pair {1e3 * theirs:8.2f} ms, {pairs} pairs {theirs * pairs:.1f} s (extrapolated)")
    print(f"{pairs} randomisation tests: {tests:.3f} s")
    ratio = theirs * pairs / ours
    print(f"ratio a pair: {ratio:.0f} (target {TARGET})")
    _check(scores, names, options.resamples)
    return 0 if ratio >= TARGET else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


def _best(way: object, repeats: int) -> float:
    """Return the least wall time of some runs."""
    assert callable(way)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        way()
        times.append(time.perf_counter() - start)
    return min(times)


def _all_pairs(scores: list[Array], names: list[str], resamples: int) -> list[Interval]:
    """Do all there is to do, the drawing of the resamples included."""
    drawn = Resamples.draw(names, resamples, seed=0)
    rows = replicate(Mean(), [RowScores([score], deterministic=True) for score in scores], drawn)
    return [fixed_models_difference(a, b) for a, b in combinations(rows, 2)]


def _scipy_pair(
    a: Array, b: Array, resamples: int, batch: int | None = None
) -> stats._common.ConfidenceInterval:
    found = stats.bootstrap(
        (a[:, 0], b[:, 0]),
        lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis),
        n_resamples=resamples,
        paired=True,
        vectorized=True,
        method="percentile",
        batch=batch,
        rng=np.random.default_rng(0),
    )
    return found.confidence_interval


def _randomised(scores: list[Array], names: list[str], resamples: int) -> None:
    documents = Resamples.draw(names, 1, seed=0).documents
    rows = [RowScores([score], deterministic=True) for score in scores]
    randomise(Mean(), list(combinations(rows, 2)), documents, resamples=resamples, seed=0)


def _check(scores: list[Array], names: list[str], resamples: int) -> None:
    """Compare the first pair's interval with scipy's: apart by Monte-Carlo error and t/z alone."""
    ours = _all_pairs(scores[:2], names, resamples)[0]
    theirs = _scipy_pair(scores[0], scores[1], resamples)
    assert ours.low is not None
    assert ours.high is not None
    error = 0.05 * (theirs.high - theirs.low)
    assert abs(ours.low - theirs.low) < error, (ours, theirs)
    assert abs(ours.high - theirs.high) < error, (ours, theirs)


if __name__ == "__main__":
    raise SystemExit(main())
