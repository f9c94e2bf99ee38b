"""How well a row does with each emoji."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from deshi.emoji import inventory

if TYPE_CHECKING:
    from deshi.api import Emojis, Expected, Prediction


class EmojiFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One emoji: `gold` and `predicted` count texts that carry it, as means over the row's runs.

    Precision, recall and F1 are those of all runs' texts together. Precision is None for an emoji
    that was never answered, recall for one that the gold never has.
    """

    emoji: str
    name: str
    group: str
    gold: float
    predicted: float
    precision: float | None
    recall: float | None
    f1: float


def per_emoji(
    runs: Sequence[Sequence[Prediction]], expected: Sequence[Expected]
) -> tuple[EmojiFigures, ...]:
    """Return every emoji that is in the gold or in an answer, the most frequent in the gold first.

    `runs` has each run's answers, in the order of `expected`. An answer is judged by its nearest
    reference; repeats within an answer count once.
    """
    right, answered, wanted = Counter[str](), Counter[str](), Counter[str]()
    for run in runs:
        for answer, item in zip(run, expected, strict=True):
            given, gold = set(answer.emojis), set(nearest_reference(answer, item))
            right.update(given & gold)
            answered.update(given)
            wanted.update(gold)
    order = {emoji: at for at, emoji in enumerate(inventory())}
    found = sorted(
        answered.keys() | wanted.keys(), key=lambda e: (-wanted[e], -answered[e], order[e])
    )
    return tuple(
        EmojiFigures(
            emoji=emoji,
            name=inventory()[emoji].name,
            group=inventory()[emoji].group,
            gold=wanted[emoji] / len(runs),
            predicted=answered[emoji] / len(runs),
            precision=right[emoji] / answered[emoji] if answered[emoji] else None,
            recall=right[emoji] / wanted[emoji] if wanted[emoji] else None,
            f1=2 * right[emoji] / (answered[emoji] + wanted[emoji]),
        )
        for emoji in found
    )


def nearest_reference(answer: Prediction, expected: Expected) -> Emojis:
    """Return the reference with the highest Jaccard, the first on ties; unknown pieces are wrong."""
    if len(expected.references) == 1:
        return expected.references[0]
    given = set(answer.emojis)

    def jaccard(reference: Emojis) -> float:
        gold = set(reference)
        union = len(given | gold) + answer.unknown
        return len(given & gold) / union if union else 1.0

    return max(expected.references, key=jaccard)
