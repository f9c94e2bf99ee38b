"""A saved student, in a run's artefacts or in a published folder, and its predictions."""

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
from deshi.registry import open_component
from deshi.stages.predict import in_canonical_form
from deshi.workspace.job import env_of
from deshi.workspace.manifest import FitManifest

if TYPE_CHECKING:
    from deshi.api import Exported, Prediction, Text
    from deshi.api.kinds import Explains
    from deshi.registry import Registry
    from deshi.runs.saved_run import SavedRow, SavedRun

FOLDER_MANIFEST = "deshi.json"
"""Marks a folder with a student: which one it is, and how it was trained."""


@dataclass(frozen=True)
class ExplainedPrediction:
    """A student's prediction for one text; `reasons` is empty if it gives none."""

    text: Text
    prediction: Prediction
    reasons: tuple[str, ...] = ()


class _Published(msgspec.Struct, frozen=True):
    """What `FOLDER_MANIFEST` has to say for a student to be loaded."""

    student: Part
    seed: int
    form: str = ""


@dataclass(frozen=True)
class SavedStudent:
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
        offer = self.registry.catalog.find("student", self.part.id)
        return capability in offer.spec.capabilities

    @contextmanager
    def open(self) -> Iterator[Exported]:
        """Load the student, ready to predict.

        Raises:
            UsageError: its component has changed since it was fitted.
            NotReadyError: something that it needs is not installed.
        """
        self._check_revision()
        with tempfile.TemporaryDirectory(prefix="deshi-") as scratch:
            env = env_of(self.part, seed=self.seed, folder=Path(scratch))
            component, found = (self.part.id, self.part.params), self.registry
            student: Exported = (
                found.load_export(*component, self.form, self.folder, env)
                if self.form
                else found.load_student(*component, self.folder, env)
            )
            with open_component(student) as entered:
                yield cast("Exported", entered)

    def _check_revision(self) -> None:
        """Check the student and what it combines."""
        for part in self.part.whole():
            fitted = part.identity.revision
            now = self.registry.catalog.find("student", part.id).spec.revision
            if fitted != now:
                raise UsageError(
                    f"student '{part.id}' has changed since this one was fitted "
                    f"(revision {fitted}, now {now})",
                    where=self.name,
                    fix="run the benchmark again, or install the version that it was fitted with",
                )


def refuse_unknown_place(place: str, name: str, runs: Sequence[str]) -> None:
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


def of_run(run: SavedRun, row: SavedRow, seed: int | None, registry: Registry) -> SavedStudent:
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
            fix="choose a student's row; see `deshi show`",
        )
    if address is None:
        raise UsageError(
            f"student '{row.result.cell['student']}' was not kept: it cannot be saved",
            where=where,
            fix="choose another row, see `deshi show`; the student's author can change that by the "
            "capability `saves`",
        )
    part = run.manifest(address, FitManifest).params.student
    return SavedStudent(where, part, run.folder(address) / "model", chosen or 0, registry)


def in_folder(folder: Path, registry: Registry) -> SavedStudent:
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
    return SavedStudent(str(folder), found.student, folder, found.seed, registry, found.form)


def predict_texts(
    fitted: SavedStudent, student: Exported, texts: Sequence[Text], *, reasons: bool = True
) -> Iterator[ExplainedPrediction]:
    """Yield an open student's prediction for each text, with its reasons where it gives any."""
    predictions = student.predict(texts)
    reasons_of_texts: Sequence[tuple[str, ...]] = [()] * len(texts)
    if reasons and fitted.can("explains") and hasattr(student, "explain"):
        reasons_of_texts = cast("Explains", student).explain(texts)
    for text, prediction, why in zip(texts, predictions, reasons_of_texts, strict=True):
        yield ExplainedPrediction(text, in_canonical_form(prediction), tuple(why))
