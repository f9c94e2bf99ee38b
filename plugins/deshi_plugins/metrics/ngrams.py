"""How varied the runs of n emoji are that stand side by side within a prediction (Li et al. 2016).

There are too many possible runs for a count each, so a run is counted in one of `BUCKETS`, and the
number of different runs is estimated from the buckets in use by linear counting (Whang et al. 1990):
m = -B ln(1 - used / B), within half a percent for some thousand runs, exact to four digits for ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from deshi.api import Metric, encode_predictions
from deshi_plugins.metrics.base import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from deshi.api import Env, Expected, Prediction
    from deshi.api.kinds import Sparse
    from deshi.api.records import Array
    from deshi.emoji import Alphabet
    from deshi_plugins.metrics.params import DistinctNParams

BUCKETS = 1 << 15

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""2⁶⁴ over the golden ratio: the upper bits of a product scatter neighbours (Knuth 1973, 6.4)."""
_SHIFT = np.uint64(64 - 15)


class DistinctN(Metric):
    """Different n-grams over all n-grams of the predictions: k = `BUCKETS`, sparse."""

    def __init__(self, params: DistinctNParams, env: Env) -> None:
        del env
        self.params = params

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Sparse:
        """Return how many n-grams of each prediction fall into each bucket, shape (items, BUCKETS)."""
        del expected
        sets = encode_predictions(predicted, alphabet)
        items, codes = np.repeat(np.arange(len(sets)), sets.lengths), sets.codes
        n, size = self.params.n, max(0, len(codes) - self.params.n + 1)
        grams, whole = np.zeros(size, np.uint64), np.ones(size, bool)
        for at in range(n):
            part = slice(at, at + size)
            whole &= (codes[part] >= 0) & (items[part] == items[:size])
            grams = grams * np.uint64(len(alphabet)) + codes[part].astype(np.uint64)
        return _bucket_counts(items[:size][whole], grams[whole], len(sets))

    def value(self, sums: Array, n: Array) -> Array:
        """Return the estimated number of different n-grams over that of all, NaN for none."""
        del n
        used = np.count_nonzero(sums, axis=-1)
        free = np.maximum(1, BUCKETS - used) / BUCKETS
        total = np.sum(sums, axis=-1)
        return ratio(np.minimum(-BUCKETS * np.log(free), total), total)


def _bucket_counts(items: npt.NDArray[np.int64], grams: npt.NDArray[np.uint64], n: int) -> Sparse:
    buckets = (grams * _MULTIPLIER) >> _SHIFT
    ones = np.ones(len(items))
    return csr_array((ones, (items, buckets.astype(np.int64))), shape=(n, BUCKETS))
