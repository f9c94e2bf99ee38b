"""What is kept of a run's plan, `plan.json`: the artefacts of each row, to find them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deshi.api import UsageError

if TYPE_CHECKING:
    from deshi.benchmark.plan import Plan


class SavedStages(msgspec.Struct, frozen=True):
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


class SavedArtefacts(msgspec.Struct, frozen=True):
    """One row: its labelled texts, its test texts, and its training runs."""

    label: str
    evaluation: str
    runs: tuple[SavedStages, ...]


class SavedPlan(msgspec.Struct, frozen=True):
    """The name of the benchmark file, all stages of a run, and its rows by id."""

    benchmark: str
    stages: tuple[str, ...]
    rows: Mapping[str, SavedArtefacts]

    @classmethod
    def of(cls, plan: Plan, *more: str) -> SavedPlan:
        """Return what is kept of a plan, with stages that came to it later."""
        rows = {
            row.id: SavedArtefacts(
                label=row.label,
                evaluation=row.evaluation,
                runs=tuple(SavedStages(run.seed, run.stages) for run in row.runs),
            )
            for row in plan.rows
        }
        return cls(plan.benchmark.path.name, (*plan.stages, *more), rows)

    def label_stages(self) -> Iterator[str]:
        """Yield the artefacts with labelled texts, each once, in a stable order."""
        yield from sorted({row.label for row in self.rows.values() if row.label})


def read_plan(path: Path) -> SavedPlan:
    """Read what was kept of a plan."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=SavedPlan)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        fix = "run its benchmark again, which writes it anew and keeps what is there"
        what = f"is not the plan of a run: {error}"
        raise UsageError(what, where=str(path), fix=fix) from error


def _name(address: str) -> str:
    return address.partition("/")[0]
