"""Count which emoji are predicted in place of which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from deshi.api import Expected, Prediction


class Confusion(NamedTuple):
    """A gold emoji that was missed, one that was predicted instead, and in how many texts."""

    gold: str
    predicted: str
    texts: int


def confusions(
    expected: Iterable[Expected], predictions: Iterable[Prediction]
) -> tuple[Confusion, ...]:
    """Return the pairs of a missed and a wrong first emoji, the most frequent first.

    A text counts where the first emoji of its gold is not among the predicted ones, and the first
    predicted one not among its gold.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for one, prediction in zip(expected, predictions, strict=True):
        gold = one.references[0] if one.references else ()
        if not gold or not prediction.emojis:
            continue
        missed, wrong = gold[0], prediction.emojis[0]
        if missed not in prediction.emojis and wrong not in gold:
            counts[missed, wrong] += 1
    return tuple(Confusion(*pair, texts) for pair, texts in counts.most_common())
