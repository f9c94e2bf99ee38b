"""A plan: the stages of a benchmark, and the rows of the table that they serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
        return self.address.split("/")[0]


@dataclass(frozen=True)
class Run:
    """One training run of a row: the seed, and the addresses of what it leaves."""

    seed: int | None
    predict: str
    score: str
    stages: tuple[str, ...]
    validate: str = ""
    """Where a row may be abandoned: how well this run does on the validation texts."""


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
        return key_of(
            {
                "rows": [[row.id, [run.score for run in row.runs]] for row in self.rows],
                "shown": [
                    list(self.benchmark.settings.baselines),
                    self.benchmark.settings.resamples,
                ],
                **({"abandon": abandon.plain()} if (abandon := self.benchmark.abandon) else {}),
            }
        )

    @property
    def run_name(self) -> str:
        """The name of the run that executes this plan."""
        return f"{self.benchmark.name}-{self.key[:8]}"


def row_id(benchmark: Benchmark, cell: Cell) -> str:
    """Return the labels that distinguish rows: teacher, student, loss, and the axes that vary."""
    always = ("teacher", "student", "loss")
    return "/".join(
        label
        for axis, label in cell.labels().items()
        if label is not None and (axis in always or len(benchmark.axes[axis]) > 1)
    )
