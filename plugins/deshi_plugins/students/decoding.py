"""From scores of labels to sets of one to five emoji.

All rules take a prefix of the ranking by score, so that a rule only says how long the prefix is.
Names of shapes: n texts, c labels, k places of the ranking, at most five.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from deshi.api import Decoding, Expected, Prediction
from deshi.emoji import MAX_EMOJI

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.intp]

RANKED = 100

_CANDIDATES = 101
_FEW = 10


def probabilities(scores: npt.ArrayLike, rule: Decoding) -> Floats:
    """Return softmax shares (`expected-jaccard`) or sigmoids of logits, (n, c) to (n, c)."""
    logits = np.asarray(scores, dtype=np.float64)
    if rule == "expected-jaccard":
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return np.asarray(powers / powers.sum(-1, keepdims=True))
    # The tanh form overflows nowhere.
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)))


def ranking(values: Floats, places: int) -> Integers:
    """Return the labels of the highest values, best first, (n, c) to (n, min(places, c)).

    Equal values stand in the order of the alphabet.
    """
    places = min(places, values.shape[-1])
    # A chosen value is overwritten by -∞, which only finite ones can be distinguished from.
    if places > _FEW or not np.isfinite(values).all():
        ordered: Integers = np.argsort(-values, axis=-1, kind="stable")
        return ordered[:, :places]
    left = values.copy()
    rows = np.arange(len(left))
    best = np.empty((len(left), places), dtype=np.intp)
    for place in range(places):
        best[:, place] = left.argmax(-1)
        left[rows, best[:, place]] = -np.inf
    return best


def expected_jaccard_sizes(values: Floats, totals: Floats) -> Integers:
    """Return the prefix lengths of the highest expected Jaccard, (n, k) and (n,) to (n,).

    `values` are the chances q of the ranked labels, `totals` their sums Q over all labels. To a
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


def _at_least_one(chosen: npt.NDArray[np.bool_]) -> Integers:
    counts: Integers = chosen.sum(-1)
    return counts.clip(min=1)


def jaccard_by_size(
    ranks: Integers, symbols: Sequence[str], expected: Sequence[Expected]
) -> Floats:
    """Return the best Jaccard over the references of every prefix of a ranking, (n, k)."""
    table = np.zeros(ranks.shape)
    for row, (labels, one) in enumerate(zip(ranks.tolist(), expected, strict=True)):
        emojis = [symbols[label] for label in labels]
        for reference in one.references:
            table[row] = np.maximum(table[row], _prefix_jaccard(emojis, frozenset(reference)))
    return table


def _prefix_jaccard(emojis: Iterable[str], reference: frozenset[str]) -> list[float]:
    scores: list[float] = []
    hits = 0
    for length, emoji in enumerate(emojis, start=1):
        hits += emoji in reference
        scores.append(hits / (length + len(reference) - hits))
    return scores


def best_threshold(values: Floats, jaccard: Floats) -> float:
    """Return the threshold of the highest mean Jaccard; values and jaccard (n, k).

    The candidates are quantiles of the values that occur, the lowest of equally good ones wins.
    """
    candidates = np.unique(np.quantile(values, np.linspace(0, 1, _CANDIDATES)))
    # All candidates at once, (candidates, n), and only the few places in a loop.
    sizes = np.zeros((len(candidates), len(values)), dtype=np.intp)
    for column in values.T:
        sizes += column >= candidates[:, None]
    means = jaccard[np.arange(len(values)), sizes.clip(min=1) - 1].mean(-1)
    return float(candidates[int(np.argmax(means))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """A rule with what it learned.

    `size` is the mean number of emoji in the training labels, which turns softmax shares into
    chances: q = min(1, size · share). `threshold` was tuned on validation.
    """

    rule: Decoding
    size: float
    threshold: float = 0.5

    def sizes(self, values: Floats, ranks: Integers) -> Integers:
        """Return how many emoji each text gets, (n, c) probabilities and (n, k) ranks to (n,)."""
        if self.rule == "expected-jaccard":
            values = np.minimum(1, self.size * values)
        top = np.take_along_axis(values, ranks, axis=-1)
        if self.rule == "expected-jaccard":
            return expected_jaccard_sizes(top, values.sum(-1))
        if self.rule == "threshold":
            return threshold_sizes(top, self.threshold)
        # A logit above 0 is a chance above one half.
        return _at_least_one(top > 0.5)


def tuned(
    rule: Decoding,
    size: float,
    values: Floats,
    symbols: Sequence[str],
    expected: Sequence[Expected],
) -> tuple[Decoder, float]:
    """Return the decoder that fits these texts best, and its mean Jaccard on them.

    `values` (n, c) are probabilities; n is at least 1.
    """
    ranks = ranking(values, MAX_EMOJI)
    jaccard = jaccard_by_size(ranks, symbols, expected)
    threshold = 0.5
    if rule == "threshold":
        threshold = best_threshold(np.take_along_axis(values, ranks, axis=-1), jaccard)
    decoder = Decoder(rule=rule, size=size, threshold=threshold)
    chosen = decoder.sizes(values, ranks) - 1
    return decoder, float(jaccard[np.arange(len(values)), chosen].mean())


def predictions(values: Floats, sizes: Integers, symbols: Sequence[str]) -> list[Prediction]:
    """Return the predictions of (n, c) probabilities with these sizes, (n,)."""
    ranks = ranking(values, RANKED)
    scores = np.take_along_axis(values, ranks, axis=-1)
    found: list[Prediction] = []
    for labels, row, size in zip(ranks.tolist(), scores.tolist(), sizes.tolist(), strict=True):
        emojis = tuple(symbols[label] for label in labels)
        found.append(Prediction(emojis=emojis[:size], ranked=tuple(zip(emojis, row, strict=True))))
    return found
