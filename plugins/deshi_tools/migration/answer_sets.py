"""The answers of two teachers to the same texts, asked equally often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Expected, Prediction

if TYPE_CHECKING:
    from deshi.api import Emojis
    from deshi.api.records import Array


@dataclass(frozen=True)
class AnswerSet:
    """One teacher's answers: `samples` has one tuple a text, its answers to that text in order."""

    name: str
    samples: Sequence[tuple[Emojis, ...]]

    @property
    def times(self) -> int:
        """How often every text was asked."""
        return len(self.samples[0]) if self.samples else 0

    def predicted(self, sample: int) -> tuple[Prediction, ...]:
        """Return one answer a text, as something to be judged."""
        return tuple(Prediction(emojis=own[sample]) for own in self.samples)

    def expected(self, sample: int) -> tuple[Expected, ...]:
        """Return one answer a text, as what is judged by."""
        return tuple(Expected(references=(own[sample],)) for own in self.samples)


def count_per_document(
    answers: AnswerSet,
    documents: Sequence[int],
    names: Sequence[str],
    labels: Callable[[Emojis], Iterator[str]],
) -> Array:
    """Count what `labels` yields of each answer, shape (documents, names); all samples are counted.

    `documents` numbers each text's document, from 0 without gaps.
    """
    column = {name: at for at, name in enumerate(names)}
    counts = np.zeros((max(documents, default=-1) + 1, len(names)))
    for document, own in zip(documents, answers.samples, strict=True):
        for name, times in Counter(name for one in own for name in labels(one)).items():
            counts[document, column[name]] += times
    return counts
