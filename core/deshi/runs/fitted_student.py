"""A fitted student at rest, in a run's artefacts or in a folder that was published, and its answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from deshi.api import UsageError, nearest
from deshi.benchmark.part import Part
from deshi.registry import opened
from deshi.runs.row_names import find_row
from deshi.runs.saved_run import SavedRun
from deshi.stages.predict import in_canonical_form
from deshi.workspace.job import env_of
from deshi.workspace.manifest import FitManifest

if TYPE_CHECKING:
    from deshi.api import Exported, Prediction, Text
    from deshi.api.kinds import Explains
    from deshi.registry import Registry
    from deshi.runs.saved_run import SavedRow
    from deshi.workspace.workspace import Workspace

FOLDER_MANIFEST = "deshi.json"
"""What makes a folder one that can be answered from: which student lies in it, and how it was made."""


@dataclass(frozen=True)
class Answer:
    """What a student said of one text; `reasons` is empty for one that gives none."""

    text: Text
    prediction: Prediction
    reasons: tuple[str, ...] = ()


class _Published(msgspec.Struct, frozen=True):
    """What `FOLDER_MANIFEST` has to say for a student to be loaded."""

    student: Part
    seed: int
    form: str = ""


@dataclass(frozen=True)
class Fitted:
    """One fitted student: the part of the plan that describes it, and the folder it was saved in.

    `form` is that of an exported student, empty for one as it was trained.
    """

    name: str
    part: Part
    folder: Path
    seed: int
    registry: Registry
    form: str = ""

    @property
    def label(self) -> str:
        """The student as the benchmark named it."""
        return self.part.label

    def can(self, capability: str) -> bool:
        """Say whether the student's component has a capability."""
        offer = self.registry.find("student", self.part.id)
        return capability in offer.spec.capabilities

    @contextmanager
    def opened(self) -> Iterator[Exported]:
        """Load the student, ready to answer.

        Raises:
            UsageError: its component has changed since it was fitted.
            NotReadyError: something that it needs is not installed.
        """
        self._check_revision()
        with tempfile.TemporaryDirectory(prefix="deshi-") as scratch:
            env = env_of(self.part, seed=self.seed, folder=Path(scratch))
            made, found = (self.part.id, self.part.params), self.registry
            student: Exported = (
                found.load_export(*made, self.form, self.folder, env)
                if self.form
                else found.load_student(*made, self.folder, env)
            )
            with opened(student) as entered:
                yield cast("Exported", entered)

    def _check_revision(self) -> None:
        """Check the student and what it combines."""
        for part in self.part.whole():
            fitted = part.identity.revision
            now = self.registry.find("student", part.id).spec.revision
            if fitted != now:
                raise UsageError(
                    f"student '{part.id}' has changed since this one was fitted "
                    f"(revision {fitted}, now {now})",
                    where=self.name,
                    fix="run the benchmark again, or install the version that it was fitted with",
                )


def find_fitted(
    place: str, space: Workspace, registry: Registry, seed: int | None = None
) -> Fitted:
    """Return the student that `place` means: a published folder, or `RUN/ROW` in the workspace.

    ROW is a row's id or a part of it that no other row has; without it, it is the first row that is no
    baseline. `seed` chooses among training runs, the first if None.

    Raises:
        UsageError: there is no such folder, run, row or seed, or the row left nothing to answer with.
    """
    if (Path(place) / FOLDER_MANIFEST).is_file():
        if seed is not None:
            raise UsageError("holds one training run", where=place, fix="leave --seed out")
        return in_folder(Path(place), registry)
    name, _, row = place.partition("/")
    _refuse_neither(place, name, space.runs())
    run = SavedRun(space, name, registry)
    return of_run(run, saved_row(run, row), seed, registry)


def _refuse_neither(place: str, name: str, runs: Sequence[str]) -> None:
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


def saved_row(run: SavedRun, row: str) -> SavedRow:
    """Return the row that `row` means, or the first that is no baseline.

    Raises:
        UsageError: there is none.
    """
    if row:
        return run.rows[find_row(row, run.rows, f"run {run.name}")]
    for found in run.rows.values():
        if not found.result.baseline:
            return found
    raise UsageError("no row has predictions", where=f"run {run.name}", fix="see `deshi show`")


def of_run(run: SavedRun, row: SavedRow, seed: int | None, registry: Registry) -> Fitted:
    """Return one fitted student of a row.

    Raises:
        UsageError: the row has no such seed, or its student was not saved.
    """
    where = f"{run.name}/{row.result.id}"
    address, chosen = run.fit_of(row, seed)
    if row.is_teacher:
        raise UsageError(
            f"'{row.result.cell['student']}' is a teacher: nothing was fitted",
            where=where,
            fix="take a student's row; see `deshi show`",
        )
    if address is None:
        raise UsageError(
            f"student '{row.result.cell['student']}' was not kept: it cannot be saved",
            where=where,
            fix="take another row, see `deshi show`; the student's author can change that by the "
            "capability `saves`",
        )
    part = run.manifest(address, FitManifest).params.student
    return Fitted(where, part, run.folder(address) / "model", chosen or 0, registry)


def in_folder(folder: Path, registry: Registry) -> Fitted:
    """Return the student of a folder that `deshi publish` or `deshi export` wrote.

    Raises:
        UsageError: its manifest cannot be read.
    """
    path = folder / FOLDER_MANIFEST
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Published)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"is no manifest of a student: {error}", where=str(path), fix="publish it again"
        ) from error
    return Fitted(str(folder), found.student, folder, found.seed, registry, found.form)


def answers(
    fitted: Fitted, student: Exported, texts: Sequence[Text], *, reasons: bool = True
) -> Iterator[Answer]:
    """Yield an open student's prediction for each text, with its reasons where it gives any."""
    predictions = student.predict(texts)
    given: Sequence[tuple[str, ...]] = [()] * len(texts)
    if reasons and fitted.can("explains") and hasattr(student, "explain"):
        given = cast("Explains", student).explain(texts)
    for text, prediction, why in zip(texts, predictions, given, strict=True):
        yield Answer(text, in_canonical_form(prediction), tuple(why))
