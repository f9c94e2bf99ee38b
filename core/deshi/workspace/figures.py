"""What each stage reports of its work; it is kept in the manifest, and the results are made of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from deshi.api import Json, Part
from deshi.benchmark.stage_params import Gold


class SplitFigures(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """Texts that were read, chosen, dropped and left over; `corpus` is what it reports of itself."""

    read: int
    kept: int
    surplus: int
    dropped: Mapping[str, int]
    corpus_ended: bool
    parts: Mapping[Part, int]
    documents: int
    warnings: tuple[str, ...]
    corpus: Mapping[str, Json] | None = None


class LabelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was requested, what survived, and what it cost in nano-USD, whenever that was paid.

    `judged` identifies test sets: one digest per kind of gold.
    """

    asked: int
    reused: int
    pulled: int
    surplus: int
    dropped: Mapping[str, int]
    parts: Mapping[Part, int]
    wanted: int
    compliance: Mapping[str, Mapping[str, int]]
    cost_nano_usd: int
    judged: Mapping[Gold, str]

    @property
    def accepted(self) -> int:
        """The labelled texts that all filters kept, of all parts."""
        return sum(self.parts.values())


class FitFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts a student learned from, and its report."""

    train: int
    report: Json


class PredictFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many texts a student predicted; the rest is set if it was fitted there."""

    texts: int
    train: int | None = None
    report: Json = None


class AnswerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts a teacher answered, and what that cost in nano-USD."""

    texts: int
    asked: int
    reused: int
    cost_nano_usd: int


class ValidateFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The validation texts, and the documents whose metric is defined."""

    texts: int
    documents: int


class ScoreFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The value of each metric over all texts; None where it is undefined."""

    texts: int
    values: Mapping[str, float | None]


class CompareFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows were compared."""

    rows: int
