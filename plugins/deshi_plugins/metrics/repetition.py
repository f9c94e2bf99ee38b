"""Repetition within a prediction, which set metrics do not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Metric, NoParams, encode_predictions
from deshi_plugins.metrics.base import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, Prediction
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class Repetition(Metric):
    """Mean of 1 - different / all emoji of a prediction, over the predictions that have any: k = 2."""

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
        """Return the mean rate, NaN where no prediction has an emoji."""
        del n
        return ratio(sums[..., 0], sums[..., 1])


class LongestRun(Metric):
    """Mean length of the longest run of one emoji, over the predictions that have any: k = 2."""

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the longest run, 0 for no prediction, and whether there is one, shape (items, 2)."""
        del expected
        sets = encode_predictions(predicted, alphabet)
        codes, lengths = sets.codes, sets.lengths
        longest = np.zeros(len(sets))
        if len(codes):
            repeats = np.zeros(len(codes), bool)
            repeats[1:] = (codes[1:] == codes[:-1]) & (codes[1:] >= 0)
            nonempty = np.flatnonzero(lengths)
            repeats[sets.starts[nonempty]] = False
            # How many repeats lead up to each position: its distance from the last that is none.
            positions = np.arange(len(codes))
            streaks = positions - np.maximum.accumulate(np.where(repeats, 0, positions))
            longest[nonempty] = np.maximum.reduceat(streaks, sets.starts[nonempty]) + 1
        has_emoji = np.diff(sets.indptr) > 0
        return np.stack([longest * has_emoji, has_emoji], axis=1)

    def value(self, sums: Array, n: Array) -> Array:
        """Return the mean run, NaN where no prediction has an emoji."""
        del n
        return ratio(sums[..., 0], sums[..., 1])
