"""F1 of each emoji, averaged over emoji: the rare ones weigh as much as the frequent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack

from deshi_plugins.metrics.base import CountsMetric, ratio
from deshi_plugins.metrics.params import MacroF1Params
from deshi_plugins.metrics.sets import match_references

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Expected, Prediction
    from deshi.api.kinds import Sparse
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class MacroF1(CountsMetric[MacroF1Params]):
    """Mean over emoji of F1_c = 2 TP_c / (P_c + G_c); NaN where no emoji takes part.

    All that is no emoji of the alphabet is one more label, which is never right and takes part like
    any other, so unknown tokens lower `gold-and-predicted` alone. k = 3 (alphabet + 1), sparse.
    """

    blocks = 3

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Sparse:
        """Return TP_c, P_c and G_c of each item, shape (items, 3 (alphabet + 1)), sparse."""
        pair = match_references(predicted, expected, alphabet)
        prediction, gold = pair.predicted.pattern(), pair.expected.pattern()
        common = prediction.multiply(gold)
        never = np.zeros(len(pair.predicted), np.int64)
        parts = (common, never), (prediction, pair.predicted.unknown), (gold, pair.expected.unknown)
        blocks = [block for matrix, unknown in parts for block in (matrix, _column(unknown))]
        return hstack(blocks, format="csr", dtype=np.float64)

    def of_counts(self, sums: Array) -> Array:
        """Return the mean F1 for rows of summed counts, (rows, k) to (rows,)."""
        common, predicted, expected = np.split(sums, 3, axis=1)
        taking_part = expected > 0
        if self.params.labels == "gold-and-predicted":
            taking_part |= predicted > 0
        f1 = np.nan_to_num(ratio(2 * common, predicted + expected))
        return ratio((f1 * taking_part).sum(axis=1), taking_part.sum(axis=1))


def _column(counts: Integers) -> Sparse:
    return csr_array(counts.astype(np.float64)[:, np.newaxis])
