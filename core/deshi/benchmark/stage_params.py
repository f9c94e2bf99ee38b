"""What each stage gets: the parameters that the planner hands over, in the form manifests keep.

None of it is the key itself: see `plan`, which says what of these goes into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from deshi.benchmark.part import FilterPart, MetricPart, Part, TeacherPart

Gold: TypeAlias = Literal["labels", "references"]
"""What a row is scored against: a teacher's labels, or what came with the corpus."""


class StageParams(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """What the parameters of all stages have in common."""

    def parts(self) -> Iterator[Part]:
        """Yield the components that the parameters describe, without what these combine."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Part):
                    yield part


class TrainingSizes(msgspec.Struct, frozen=True):
    """The training sizes of a benchmark; `key` is where they are set, as `--set` names it."""

    key: str
    sizes: tuple[int, ...]


class SplitParams(StageParams, frozen=True, kw_only=True):
    """`split`: a corpus, the filters of its texts, and how many texts each part gets."""

    corpus: Part
    filters: tuple[FilterPart, ...]
    file: str
    train: TrainingSizes
    pull: int
    valid: int
    test: int
    test_share: float
    valid_share: float
    max_per_document: int
    split_by: str
    near_test: float


class LabelParams(StageParams, frozen=True, kw_only=True):
    """`label`: who rewrites and who labels, how often, and the filters behind each."""

    teacher: TeacherPart
    rewriter: TeacherPart | None
    rewritten: tuple[FilterPart, ...]
    labelled: tuple[FilterPart, ...]
    train: int
    samples: int
    near_test: float


class StudentParams(StageParams, frozen=True, kw_only=True):
    """What stages with a student have in common; a deterministic one has no seed."""

    student: Part
    seed: int | None


class FitParams(StudentParams, frozen=True, kw_only=True, omit_defaults=True):
    """`fit`: a student, the loss where it takes one, and the notes that permit the training.

    `near_test` is how like a test text a training text may be, where other labels are the gold.
    """

    loss: Part | None
    near_test: float | None
    permits: Mapping[str, str] = {}


class PredictParams(FitParams, frozen=True, kw_only=True):
    """`predict`: as for `fit`, since what cannot be saved is fitted where it predicts."""

    gold: Gold


class ValidateParams(StudentParams, frozen=True, kw_only=True):
    """`validate`: a fitted student and the metric by which its row may be abandoned."""

    metric: MetricPart


class AnswerParams(StageParams, frozen=True, kw_only=True):
    """`answer`: a teacher whose answers are a row."""

    teacher: TeacherPart
    gold: Gold


class ScoreParams(StageParams, frozen=True, kw_only=True):
    """`score`: the metrics, and what is right."""

    metrics: tuple[MetricPart, ...]
    gold: Gold


class ComparedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row to compare: `scores` and `predictions` have one address a training run."""

    id: str
    baseline: bool
    deterministic: bool
    scores: tuple[str, ...]
    predictions: tuple[str, ...]


class ComparedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were evaluated on the same texts against the same gold."""

    id: str
    gold: Gold
    evaluations: tuple[str, ...]
    rows: tuple[ComparedRow, ...]

    def addresses(self) -> Iterator[str]:
        """Yield all artefacts that the comparison reads."""
        yield from self.evaluations
        for row in self.rows:
            yield from (*row.predictions, *row.scores)


class CompareParams(StageParams, frozen=True, kw_only=True):
    """`compare`: the groups of rows, and the baselines that are made of their answers."""

    groups: tuple[ComparedGroup, ...]
    metrics: tuple[MetricPart, ...]
    resamples: int
    made: tuple[str, ...]
