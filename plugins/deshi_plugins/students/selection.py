"""Labels in the order of their values, and the sets selected from them.

Names of shapes: n texts, c labels, k ranks, at most five.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from deshi.api import Expected, Prediction

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.intp]

RANKED = 100
END = -1
"""The filler of a row of selected labels after the last one."""

_FEW = 10


def ranking(values: Floats, most: int) -> Integers:
    """Return the labels of the highest values, best first, (n, c) to (n, min(most, c)).

    Equal values stand in the order of the alphabet.
    """
    most = min(most, values.shape[-1])
    # A chosen value is overwritten by -∞, which only finite ones can be distinguished from.
    if most > _FEW or not np.isfinite(values).all():
        ordered: Integers = np.argsort(-values, axis=-1, kind="stable")
        return ordered[:, :most]
    left = values.copy()
    rows = np.arange(len(left))
    best = np.empty((len(left), most), dtype=np.intp)
    for rank in range(most):
        best[:, rank] = left.argmax(-1)
        left[rows, best[:, rank]] = -np.inf
    return best


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


def prefixes(ranks: Integers, sizes: Integers) -> Integers:
    """Return the first labels of each ranking, -1 after them, (n, k) and sizes (n,) to (n, k)."""
    return np.where(np.arange(ranks.shape[1]) < sizes[:, None], ranks, END)


def selection_jaccard(
    labels: Integers, symbols: Sequence[str], expected: Sequence[Expected]
) -> Floats:
    """Return each text's best Jaccard over its references, (n, k) with -1 after the last to (n,)."""
    best = np.zeros(len(labels))
    for row, (one, wanted) in enumerate(zip(labels.tolist(), expected, strict=True)):
        emojis = {symbols[label] for label in one if label != END}
        for reference in map(frozenset, wanted.references):
            hits = len(emojis & reference)
            best[row] = max(best[row], hits / (len(emojis) + len(reference) - hits))
    return best


def predictions(values: Floats, labels: Integers, symbols: Sequence[str]) -> list[Prediction]:
    """Return predictions of these labels, (n, k) with -1 after the last.

    They are ranked by `values`, (n, c).
    """
    ranks = ranking(values, RANKED)
    scores = np.take_along_axis(values, ranks, axis=-1)
    predicted: list[Prediction] = []
    for chosen, order, row in zip(labels.tolist(), ranks.tolist(), scores.tolist(), strict=True):
        emojis = tuple(symbols[label] for label in chosen if label != END)
        ranked = tuple(zip((symbols[label] for label in order), row, strict=True))
        predicted.append(Prediction(emojis=emojis, ranked=ranked))
    return predicted
