"""Whether a student's scores can be read as probabilities, and how good they then are.

The score of a label that a student ranks is read as p, the probability that the label is in the
gold; y is 1 where it is. A repeated label counts once, with its first score; an emoji outside the
alphabet is never right.

Texts without a ranking are left out. A ranking with a score outside [0, 1] holds no probabilities:
one such text, and the figure is undefined for the student. Shares that sum to 1 over all labels,
as softmax gives them, are no such probabilities where a text has several right emoji, and show as
what they then are: too low.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Metric, NoParams, encode_sequences
from deshi_plugins.metrics.base import ratio
from deshi_plugins.metrics.params import EceParams
from deshi_plugins.metrics.sets import among, match_references, ranked_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, Prediction
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


@dataclass(frozen=True, eq=False)
class Pairs:
    """The first labels of each ranking: text, score and whether it is right, shape (pairs,).

    Of each text, shape (texts,): `ranked` is 1 where it has a ranking of probabilities, and only
    then has it pairs; `unfit` is 1 where a score is no probability; `gold` is the size of its gold.
    """

    items: Integers
    p: Array
    y: Array
    ranked: Array
    unfit: Array
    gold: Array


class Ece(Metric):
    """Expected calibration error: Σ_b |Σ p - Σ y| / N over bins b of equal width (Naeini 2015).

    N counts the pairs (p, y) of the first labels of all rankings. Bins are closed on the right, the
    first on both sides. k = 3 bins + 1: for all bins in turn pairs, Σ p and Σ y, which is what a
    reliability diagram is drawn from; then the texts whose scores are no probabilities.
    """

    def __init__(self, params: EceParams, env: Env) -> None:
        del env
        self.params = params

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return pairs, Σ p and Σ y of every bin, and whether scores are unfit, shape (items, k)."""
        pairs = _pairs(predicted, expected, alphabet, self.params.depth)
        bins, items = self.params.bins, len(predicted)
        edges = np.arange(1, bins + 1) / bins
        cells = pairs.items * bins + np.searchsorted(edges, pairs.p)
        weights = (np.ones(len(cells)), pairs.p, pairs.y)
        parts = [np.bincount(cells, each, items * bins).reshape(items, bins) for each in weights]
        return np.column_stack([*parts, pairs.unfit])

    def value(self, sums: Array, n: Array) -> Array:
        """Return the error; NaN for no pair, or where a score was no probability."""
        del n
        sums = np.asarray(sums)
        pairs, p, y = np.split(sums[..., :-1], 3, axis=-1)
        error = ratio(np.abs(p - y).sum(axis=-1), pairs.sum(axis=-1))
        return np.where(sums[..., -1] == 0, error, np.nan)


class Brier(Metric):
    """Brier score: the mean over texts of Σ (p - y)² over all labels (Brier 1950).

    A label that is not ranked has p = 0, so that a gold label that the student never thought of costs
    1. It is proper: no scores but the true probabilities minimise it, nor does ranking less. k = 3:
    the sum, whether the text counts, and whether its scores are no probabilities.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return Σ (p - y)², whether there is a ranking, whether it is unfit, shape (items, 3)."""
        pairs = _pairs(predicted, expected, alphabet)
        losses = (pairs.p - pairs.y) ** 2 - pairs.y
        ranked = np.bincount(pairs.items, losses, len(predicted))
        return np.column_stack([ranked + pairs.gold * pairs.ranked, pairs.ranked, pairs.unfit])

    def value(self, sums: Array, n: Array) -> Array:
        """Return the mean; NaN for no ranking, or where a score was no probability."""
        del n
        sums = np.asarray(sums)
        return np.where(sums[..., 2] == 0, ratio(sums[..., 0], sums[..., 1]), np.nan)


def _pairs(
    predicted: Sequence[Prediction],
    expected: Sequence[Expected],
    alphabet: Alphabet,
    depth: int | None = None,
) -> Pairs:
    gold = match_references(predicted, expected, alphabet).expected
    rankings = [(prediction.ranked or ())[:depth] for prediction in predicted]
    scores = np.array([score for ranked in rankings for _, score in ranked], np.float64)
    codes = encode_sequences([tuple(e for e, _ in ranked) for ranked in rankings], alphabet)
    owner = np.repeat(np.arange(len(rankings)), codes.lengths)
    unfit = np.zeros(len(rankings))
    unfit[owner[~((scores >= 0) & (scores <= 1))]] = 1.0
    # An emoji outside the alphabet has no index below; it gets its pair here, with y = 0.
    candidates, outside = ranked_labels(codes), np.flatnonzero(codes.codes < 0)
    at = np.concatenate([codes.starts[candidates.rows] + candidates.ranks, outside])
    y = np.concatenate([among(candidates, gold), np.zeros(len(outside))]).astype(np.float64)
    fit = unfit[owner[at]] == 0
    return Pairs(
        items=owner[at][fit],
        p=scores[at][fit],
        y=y[fit],
        ranked=((codes.lengths > 0) & (unfit == 0)).astype(np.float64),
        unfit=unfit,
        gold=gold.sizes.astype(np.float64),
    )
