"""A plan: the stages of a benchmark, and the rows of the table that they serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from deshi.api import Resources
from deshi.benchmark.axes import Cell
from deshi.benchmark.part import MetricPart
from deshi.benchmark.stage_params import StageParams
from deshi.keys import key_of

if TYPE_CHECKING:
    from deshi.benchmark.file import Benchmark

STAGE_REVISION: Mapping[str, int] = {
    "split": 3,
    "label": 8,
    "fit": 1,
    "validate": 1,
    "predict": 2,
    "answer": 3,
    "score": 1,
    "compare": 7,
}
"""Goes up when a stage of the host gives another result for the same parameters and inputs."""


@dataclass(frozen=True)
class Stage:
    """One step of the work. `address` is `name/key`; inputs map roles to addresses."""

    address: str
    title: str
    params: StageParams = field(repr=False)
    inputs: Mapping[str, str]
    requests: int = 0
    resources: Resources = field(default_factory=Resources)

    @property
    def name(self) -> str:
        """The stage's name, before the slash."""
        return _name(self.address)


class Run(msgspec.Struct, frozen=True):
    """One training run of a row: its seed, and the stages that made it, in order."""

    seed: int | None
    stages: tuple[str, ...]

    @property
    def fit(self) -> str | None:
        """The fitted student; None where nothing was fitted, or could not be saved."""
        # The last: those before it fitted what it combines.
        return next((found for found in reversed(self.stages) if _name(found) == "fit"), None)

    @property
    def predictions(self) -> str:
        """The predictions of the student, or the answers of the teacher of a row."""
        return next(found for found in self.stages if _name(found) in ("predict", "answer"))

    @property
    def score(self) -> str:
        """The counts of the metrics on the answers."""
        return next(found for found in self.stages if _name(found) == "score")

    @property
    def is_teacher(self) -> bool:
        """Whether a teacher answered itself."""
        return _name(self.predictions) == "answer"


@dataclass(frozen=True)
class PlannedRow:
    """One row of the table: a cell over all its seeds. A row that cannot run has no runs."""

    id: str
    cell: Cell
    group: str = ""
    gold: str = ""
    split: str = ""
    label: str = ""
    evaluation: str = ""
    runs: tuple[Run, ...] = ()
    validations: tuple[str, ...] = ()
    """Where a row may be abandoned: how well its runs do on the validation texts, else empty."""


@dataclass(frozen=True)
class Plan:
    """All stages in topological order, and the rows that they serve."""

    benchmark: Benchmark
    stages: Mapping[str, Stage]
    rows: tuple[PlannedRow, ...]
    metrics: tuple[MetricPart, ...]

    @property
    def key(self) -> str:
        """Names the run: equal for equal matrices, sizes and entries."""
        settings = self.benchmark.settings
        return key_of(
            {
                "rows": [[row.id, [run.score for run in row.runs]] for row in self.rows],
                "shown": [list(settings.baselines), settings.resamples],
                **({"abandon": abandon.plain()} if (abandon := self.benchmark.abandon) else {}),
            }
        )

    @property
    def run_name(self) -> str:
        """The name of the run that executes this plan."""
        return f"{self.benchmark.path.stem}-{self.key[:8]}"


def row_id(benchmark: Benchmark, cell: Cell) -> str:
    """Return the labels that distinguish rows: teacher, student, loss, and the axes that vary."""
    always = ("teacher", "student", "loss")
    return "/".join(
        label
        for axis, label in cell.labels().items()
        if label is not None and (axis in always or len(benchmark.axes[axis]) > 1)
    )


def _name(address: str) -> str:
    return address.partition("/")[0]
