"""Which of several references an answer is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.api import Emojis, Expected, Prediction


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
