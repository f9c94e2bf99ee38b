"""The built-in decoding rules.

All three take a prefix of the ranking by probability, so that each determines only its length.
Names of shapes: n texts, c labels, k ranks, at most five.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from deshi.api import Expected, Json
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.selection import (
    Floats,
    Integers,
    jaccard_by_size,
    prefixes,
    ranking,
)

_CANDIDATES = 101
_EVEN = 0.5
State: TypeAlias = Mapping[str, Json]


class SoftmaxRule:
    """The part of a rule that a softmax decides: shares of labels, which sum to 1 for each text."""

    def probabilities(self, scores: npt.ArrayLike) -> Floats:
        """Return the softmax of logits, (n, c) to (n, c)."""
        logits = np.asarray(scores, dtype=np.float64)
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return np.asarray(powers / powers.sum(-1, keepdims=True))

    def bias(self, frequencies: Floats) -> Floats:
        """Return log π, (c,) to (c,)."""
        return np.log(frequencies)


class SigmoidRule:
    """The part of a rule that sigmoids decide: each label has a probability of its own."""

    def probabilities(self, scores: npt.ArrayLike) -> Floats:
        """Return the sigmoids of logits, (n, c) to (n, c)."""
        # The tanh form overflows nowhere.
        return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(scores, dtype=np.float64))))

    def bias(self, frequencies: Floats) -> Floats:
        """Return log(π / (1 - π)), (c,) to (c,)."""
        return np.asarray(np.log(frequencies / (1 - frequencies)))


class ExpectedJaccard(SoftmaxRule):
    """The prefix of the highest expected Jaccard.

    `size`, the mean number of emoji in the training labels, turns softmax shares into probabilities:
    q = min(1, size · share).
    """

    def tune(
        self,
        probabilities: Floats,  # noqa: ARG002
        expected: Sequence[Expected],  # noqa: ARG002
        symbols: Sequence[str],  # noqa: ARG002
        size: float,
    ) -> State:
        """Return the size; nothing is tuned on validation."""
        return {"size": size, "threshold": _EVEN}

    def select(self, probabilities: Floats, most: int, state: State) -> Integers:
        """Return labels, (n, c) to (n, k) with -1 after the last."""
        return jaccard_prefixes(probabilities, most, state["size"])


class Threshold(SigmoidRule):
    """All labels whose probability reaches a threshold, at least one, tuned for Jaccard."""

    def tune(
        self,
        probabilities: Floats,
        expected: Sequence[Expected],
        symbols: Sequence[str],
        size: float,
    ) -> State:
        """Return the threshold of the highest mean Jaccard."""
        ranks = ranking(probabilities, MAX_EMOJI)
        jaccard = jaccard_by_size(ranks, symbols, expected)
        values = np.take_along_axis(probabilities, ranks, axis=-1)
        return {"size": size, "threshold": best_threshold(values, jaccard)}

    def select(self, probabilities: Floats, most: int, state: State) -> Integers:
        """Return labels, (n, c) to (n, k) with -1 after the last."""
        ranks = ranking(probabilities, most)
        values = np.take_along_axis(probabilities, ranks, axis=-1)
        return prefixes(ranks, threshold_sizes(values, state["threshold"]))


class Zero(SigmoidRule):
    """All labels whose logit is above 0, which is a probability above one half; at least one."""

    def tune(
        self,
        probabilities: Floats,  # noqa: ARG002
        expected: Sequence[Expected],  # noqa: ARG002
        symbols: Sequence[str],  # noqa: ARG002
        size: float,
    ) -> State:
        """Return the shared state; nothing is tuned on validation."""
        return {"size": size, "threshold": _EVEN}

    def select(self, probabilities: Floats, most: int, state: State) -> Integers:  # noqa: ARG002
        """Return labels, (n, c) to (n, k) with -1 after the last."""
        ranks = ranking(probabilities, most)
        chosen = np.take_along_axis(probabilities, ranks, axis=-1) > _EVEN
        return prefixes(ranks, _at_least_one(chosen))


def jaccard_prefixes(values: Floats, most: int, size: float) -> Integers:
    """Return the labels of the highest expected Jaccard of min(1, size · value).

    (n, c) to (n, k) with -1 after the last.
    """
    ranks = ranking(values, most)
    return prefixes(ranks, scaled_jaccard_sizes(values, ranks, size))


def scaled_jaccard_sizes(values: Floats, ranks: Integers, size: float) -> Integers:
    """Return the same prefixes' lengths, (n, c) values and (n, k) ranks to (n,)."""
    values = np.minimum(1, size * values)
    top = np.take_along_axis(values, ranks, axis=-1)
    return expected_jaccard_sizes(top, values.sum(-1))


def expected_jaccard_sizes(values: Floats, totals: Floats) -> Integers:
    """Return the prefix lengths of the highest expected Jaccard, (n, k) and (n,) to (n,).

    `values` are the probabilities q of the ranked labels, `totals` their sums Q over all labels. To a
    first order, E[J] of the first k is S / (k + Q - S) with S their sum: q = (.7, .5, .3, .1)
    gives .368, .5, .484, .4, so two are taken.
    """
    sums = np.cumsum(values, axis=-1)
    lengths = np.arange(1, values.shape[-1] + 1)
    best = np.argmax(sums / (lengths + totals[:, None] - sums), axis=-1)
    return np.asarray(best + 1, dtype=np.int64)


def threshold_sizes(values: Floats, threshold: float) -> Integers:
    """Return how many ranked values reach the threshold, at least one, (n, k) to (n,)."""
    return _at_least_one(values >= threshold)


def best_threshold(values: Floats, jaccard: Floats) -> float:
    """Return the threshold of the highest mean Jaccard; values and jaccard (n, k).

    The candidates are quantiles of the values that occur, the lowest of equally good ones wins.
    """
    candidates = np.unique(np.quantile(values, np.linspace(0, 1, _CANDIDATES)))
    # All candidates at once, (candidates, n), and only the few ranks in a loop.
    sizes = np.zeros((len(candidates), len(values)), dtype=np.intp)
    for column in values.T:
        sizes += column >= candidates[:, None]
    means = jaccard[np.arange(len(values)), sizes.clip(min=1) - 1].mean(-1)
    return float(candidates[int(np.argmax(means))])


def _at_least_one(chosen: npt.NDArray[np.bool_]) -> Integers:
    counts: Integers = chosen.sum(-1)
    return counts.clip(min=1)
