"""What a row gets wrong: its texts one by one, tags counted, and where it disagrees with another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from deshi.api import Direction, Emojis
from deshi_tools.error_analysis.per_emoji import nearest_reference
from deshi_tools.error_analysis.slices import Slice
from deshi_tools.error_analysis.tags import RULES, most_predicted, tags_of
from deshi_tools.error_analysis.text_shares import share

if TYPE_CHECKING:
    from deshi.api import Expected, Prediction, Text
    from deshi.api.records import Array


class EvaluatedText(msgspec.Struct, frozen=True, kw_only=True):
    """One test text: the answer of the row's first run, and the text's value, the mean over runs."""

    id: str
    document: str
    text: str
    gold: tuple[Emojis, ...]
    answer: Emojis
    unknown: int
    value: float | None
    tags: tuple[str, ...]


class TagCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts have a tag: the share with its 95 % interval. `rule` is empty for a person's."""

    tag: str
    rule: str
    texts: int
    share: float | None
    low: float | None
    high: float | None
    reason: str = ""


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """A text on which two rows differ: `difference` is this row's value minus the other's."""

    id: str
    document: str
    text: str
    gold: tuple[Emojis, ...]
    answer: Emojis
    other: Emojis
    value: float
    other_value: float
    difference: float


class Mistakes(msgspec.Struct, frozen=True, kw_only=True):
    """What `deshi errors` found about one row.

    `texts` are in the order of the test set. `corrected` counts texts whose tags a person gave.
    `disagreements`, with the row `against`, has the largest difference first; `same` counts the texts
    on which both have one value.
    """

    run: str
    row: str
    metric: str
    direction: Direction
    tags: tuple[TagCount, ...]
    slices: tuple[Slice, ...]
    texts: tuple[EvaluatedText, ...]
    corrected: int = 0
    against: str | None = None
    disagreements: tuple[Disagreement, ...] = ()
    same: int = 0

    def ordered(self, *, best: bool) -> list[EvaluatedText]:
        """Return the texts that have a value, the worst first, or the best; more tags are worse."""
        sign = (-1 if self.direction == "lower" else 1) * (-1 if best else 1)
        tagged = 1 if best else -1
        known = [one for one in self.texts if one.value is not None]
        return sorted(known, key=lambda one: (sign * (one.value or 0.0), tagged * len(one.tags)))


@dataclass(frozen=True)
class Side:
    """One row on a test set: the first run's answers, and each text's value, (texts,), NaN if none."""

    answers: Sequence[Prediction]
    values: Array


def evaluated_texts(
    texts: Sequence[Text],
    expected: Sequence[Expected],
    side: Side,
    corrected: Mapping[str, tuple[str, ...]],
) -> tuple[EvaluatedText, ...]:
    """Return each text with its tags: those that a person gave, or else the automatic ones."""
    frequent = most_predicted(side.answers)
    return tuple(
        EvaluatedText(
            id=text.id,
            document=text.document,
            text=text.text,
            gold=item.references,
            answer=answer.emojis,
            unknown=answer.unknown,
            value=float(value) if np.isfinite(value) else None,
            tags=corrected[text.id]
            if text.id in corrected
            else tags_of(answer, nearest_reference(answer, item), frequent),
        )
        for text, item, answer, value in zip(
            texts, expected, side.answers, side.values, strict=True
        )
    )


def count_tags(texts: Sequence[EvaluatedText]) -> tuple[TagCount, ...]:
    """Return how many texts have each tag: the automatic ones first, then those a person added."""
    documents = [one.document for one in texts]
    added = sorted({tag for one in texts for tag in one.tags} - RULES.keys())
    found = []
    for tag in (*RULES, *added):
        hits = [tag in one.tags for one in texts]
        one = share(hits, documents)
        found.append(
            TagCount(
                tag=tag,
                rule=RULES.get(tag, ""),
                texts=sum(hits),
                share=one.value,
                low=one.low,
                high=one.high,
                reason=one.reason,
            )
        )
    return tuple(found)


def disagreements(texts: Sequence[EvaluatedText], other: Side) -> Iterator[Disagreement]:
    """Yield the texts to which two rows have different values, the largest difference first."""
    own = np.array([np.nan if one.value is None else one.value for one in texts])
    difference = np.nan_to_num(own - other.values)
    for at in np.argsort(-np.abs(difference), kind="stable").tolist():
        if difference[at] == 0:
            return
        one = texts[at]
        yield Disagreement(
            id=one.id,
            document=one.document,
            text=one.text,
            gold=one.gold,
            answer=one.answer,
            other=other.answers[at].emojis,
            value=float(own[at]),
            other_value=float(other.values[at]),
            difference=float(difference[at]),
        )
