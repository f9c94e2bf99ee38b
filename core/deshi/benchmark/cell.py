"""A cell of the matrix: one combination of choices, which becomes one row of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from deshi.benchmark.axes import Choice
from deshi.results import AXES


@dataclass(frozen=True)
class Cell:
    """One combination, over all its seeds. A `reason` says why it cannot run (`n/a`).

    `student` is who answers. In a baseline that may be a teacher, which then `is_teacher` says.
    """

    corpus: Choice
    chain: Choice
    rewriter: Choice
    teacher: Choice
    train: Choice
    gold: Choice
    student: Choice
    loss: Choice | None = None
    baseline: bool = False
    is_teacher: bool = False
    reason: str = ""

    def labels(self) -> dict[str, str | None]:
        """The cell as axis names and labels; an axis that does not apply is None."""
        choices = ((axis, cast("Choice | None", getattr(self, axis))) for axis in AXES)
        return {axis: choice.label if choice else None for axis, choice in choices}
