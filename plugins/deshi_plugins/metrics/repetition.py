"""Repetition within an answer, which no comparison of sets can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Metric, NoParams, encode_predictions
from deshi_plugins.metrics.base import MeanMetric, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, Prediction
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class Repetition(Metric):
    """Mean of 1 - different / all emoji of an answer, over the answers that have any: k = 2."""

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the rate, 0 for none, and whether there is one, shape (items, 2)."""
        del expected
        sets = encode_predictions(predicted, alphabet)
        tokens = np.concatenate(([0], np.cumsum(sets.counts)))
        lengths = np.diff(tokens[sets.indptr])
        different = np.diff(sets.indptr)
        rates = 1.0 - ratio(different, lengths)
        return np.stack([np.nan_to_num(rates), lengths > 0], axis=1)

    def value(self, sums: Array, n: Array) -> Array:
        """Return the mean rate, NaN where no answer has an emoji."""
        del n
        return ratio(sums[..., 0], sums[..., 1])


class LongestRun(MeanMetric[NoParams]):
    """Mean length of an answer's longest run of one emoji, 0 where none follows itself."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the longest run of each answer, shape (items,)."""
        del expected
        sets = encode_predictions(predicted, alphabet)
        codes, lengths = sets.codes, sets.lengths
        result = np.zeros(len(sets))
        if not len(codes):
            return result
        repeats = np.zeros(len(codes), bool)
        repeats[1:] = (codes[1:] == codes[:-1]) & (codes[1:] >= 0)
        nonempty = np.flatnonzero(lengths)
        repeats[sets.starts[nonempty]] = False
        # How many repeats lead up to each place: its distance from the last place that is none.
        places = np.arange(len(codes))
        streaks = places - np.maximum.accumulate(np.where(repeats, 0, places))
        longest = np.maximum.reduceat(streaks, sets.starts[nonempty])
        result[nonempty] = np.where(longest > 0, longest + 1, 0)
        return result
