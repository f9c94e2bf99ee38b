"""The fitted student that a person names: by its run and row, or by a folder that holds one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deshi.api import UsageError, nearest
from deshi.benchmark.part import Part
from deshi.runs.finished_run import FinishedRun
from deshi.runs.fitted_student import FittedStudent
from deshi.runs.saved_run import SavedRun

if TYPE_CHECKING:
    from deshi.registry import Registry
    from deshi.workspace.workspace import Workspace

FOLDER_MANIFEST = "deshi.json"
"""Marks a folder with a student: which one it is, and how it was trained."""
STUDENT_SCHEMA = 1
"""The form of `FOLDER_MANIFEST`."""


class _Published(msgspec.Struct, frozen=True):
    """What `FOLDER_MANIFEST` has to say for a student to be loaded."""

    student: Part
    seed: int
    form: str = ""
    schema: int = STUDENT_SCHEMA


def find_student(
    place: str, space: Workspace, registry: Registry, seed: int | None = None
) -> FittedStudent:
    """Return the student that `place` means: a published folder, or `RUN/ROW` in the workspace.

    Without ROW it is that of the first row that is no baseline. `seed` chooses among training runs, the
    first if None.

    Raises:
        UsageError: there is no such folder, run, row or seed, or the row left nothing to predict with.
    """
    if (Path(place) / FOLDER_MANIFEST).is_file():
        if seed is not None:
            raise UsageError("holds one training run", where=place, fix="leave --seed out")
        return _in_folder(Path(place), registry)
    name, _, row = place.partition("/")
    _refuse_unknown_place(place, name, space.runs())
    return FinishedRun(SavedRun(space, name, registry)).student(row or None, seed)


def _refuse_unknown_place(place: str, name: str, runs: Sequence[str]) -> None:
    """Refuse what is neither a folder with a student in it nor begins with the name of a run."""
    if name == "latest" or (name and any(run.startswith(name) for run in runs)):
        return
    folder = Path(place)
    if place and folder.is_dir():
        inside = folder / "model"
        published = (inside / FOLDER_MANIFEST).is_file()
        wanted = "name a folder that `deshi publish` or `deshi export` wrote, or RUN/ROW"
        raise UsageError(
            f"has no {FOLDER_MANIFEST} in it",
            where=place,
            fix=f"did you mean '{inside}'?" if published else wanted,
        )
    no_run = f"no run '{name}' and " if name not in ("", ".", "..", "~") else ""
    raise UsageError(
        f"{no_run}no folder '{place}'",
        where="RUN/ROW",
        fix=nearest(name, runs) if runs else "there is no run yet: try `deshi run FILE`",
    )


def _in_folder(folder: Path, registry: Registry) -> FittedStudent:
    """Return the student of a folder that `deshi publish` or `deshi export` wrote.

    Raises:
        UsageError: its manifest cannot be read.
    """
    path = folder / FOLDER_MANIFEST
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Published)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"is not a manifest of a student: {error}", where=str(path), fix="publish it again"
        ) from error
    if found.schema != STUDENT_SCHEMA:
        what = f"has schema {found.schema}, and this deshi reads {STUDENT_SCHEMA}"
        raise UsageError(what, where=str(path), fix="use the deshi that wrote it")
    return FittedStudent(str(folder), found.student, folder, found.seed, registry, found.form)
