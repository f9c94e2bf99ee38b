"""What the metrics share: means over items, safe ratios, sums in bounded memory."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import numpy as np
from scipy.sparse import hstack

from deshi.api import Metric, encode_predictions, encode_references

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from deshi.api import Env, Expected, Prediction
    from deshi.api.kinds import Sparse
    from deshi.api.records import Array
    from deshi.emoji import Alphabet

P = TypeVar("P")

BLOCK_CELLS = 1 << 20
"""How many sums are worked on at a time: 8 MiB, and a few temporaries of the same size."""


def ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Array:
    """Return part / whole, and NaN where the whole is not above 0; shapes broadcast."""
    above, below = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    result = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def share_or_rule(part: npt.ArrayLike, whole: npt.ArrayLike, both_empty: npt.ArrayLike) -> Array:
    """Return part / whole; where the whole is 0, 1 if both sets are empty and 0 if one is."""
    result = ratio(part, whole)
    return np.where(np.isnan(result), np.asarray(both_empty, np.float64), result)


class MeanMetric(Metric, Generic[P]):
    """The mean over items of one number per item: k = 1, value = sum / n."""

    def __init__(self, params: P, env: Env) -> None:
        del env
        self.params = params

    @abstractmethod
    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the number of each item, shape (items,)."""
        ...

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the number of each item, shape (items, 1)."""
        return self.per_item(predicted, expected, alphabet)[:, np.newaxis]

    def value(self, sums: Array, n: Array) -> Array:
        """Return sum / n, NaN for no item."""
        return ratio(sums[..., 0], n)


class CountsMetric(Metric, Generic[P]):
    """A figure of how often each emoji was predicted, over all items: k = alphabet, sparse.

    With two `blocks`, k = 2 · alphabet: the predicted counts, then those of the gold, which is each
    item's first reference, so that the gold is the same for every student. Repeats count; tokens
    that are no emoji, and emoji outside the alphabet, do not.
    """

    blocks: ClassVar[int] = 1

    def __init__(self, params: P, env: Env) -> None:
        del env
        self.params = params

    @abstractmethod
    def of_counts(self, sums: Array) -> Array:
        """Return the figure for rows of summed counts, (rows, k) to (rows,)."""
        ...

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Sparse:
        """Return the counts of each item, shape (items, k)."""
        counts = encode_predictions(predicted, alphabet).multiplicities()
        if self.blocks == 1:
            return counts
        gold = encode_references(expected, alphabet).first().multiplicities()
        return hstack([counts, gold], format="csr")

    def value(self, sums: Array, n: Array) -> Array:
        """Return the figure, NaN where there is nothing to count."""
        del n
        rows = np.asarray(sums).reshape(-1, np.shape(sums)[-1])
        rows = rows[:, self._occurring(rows)]
        result = np.full(len(rows), np.nan)
        step = max(1, BLOCK_CELLS // max(1, rows.shape[1]))
        for start in range(0, len(rows), step):
            block = rows[start : start + step].astype(np.float64)
            with np.errstate(divide="ignore", invalid="ignore"):
                result[start : start + step] = self.of_counts(block)
        return result.reshape(np.shape(sums)[:-1])

    def _occurring(self, rows: Array) -> npt.NDArray[np.intp]:
        """Return the columns of emoji that occur at all, or one: on most tables a tenth of 1,900."""
        parts = rows.any(axis=0).reshape(self.blocks, -1)
        occurring = np.flatnonzero(parts.any(axis=0))
        columns = occurring if len(occurring) else np.arange(min(1, parts.shape[1]))
        return np.concatenate([columns + at * parts.shape[1] for at in range(len(parts))])
