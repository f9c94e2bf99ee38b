"""Write a fitted student in a form made for fast answers, and hold these against the original's."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from deshi.api import ComponentError, UsageError, nearest
from deshi.runs.fitted_student import predict_texts
from deshi.workspace.store import folder_size
from deshi_tools.deploy.find_student import FOLDER_MANIFEST

if TYPE_CHECKING:
    from deshi.api import Exported, Exports, Json, Prediction, Text
    from deshi.runs.fitted_student import FittedStudent

LEAST = 0.98
"""The share of first answers that an export must leave as they are."""


@dataclass(frozen=True)
class Check:
    """Answers of an export beside the original's: shares of texts on which they are the same.

    `first` is about the first emoji of an answer, `whole` about the set of all. `speed` is how many
    times as fast the export answered these texts, on this machine.
    """

    texts: int
    first: float
    whole: float
    speed: float

    def to_json(self) -> dict[str, Json]:
        """Return the figures for a manifest."""
        return {
            "texts": self.texts,
            "first-unchanged": round(self.first, 4),
            "whole-unchanged": round(self.whole, 4),
            "speed": round(self.speed, 1),
        }


def export(
    fitted: FittedStudent,
    form: str | None,
    folder: Path,
    texts: Sequence[Text],
    *,
    least: float = LEAST,
) -> tuple[FittedStudent, Check]:
    """Write an export into an empty folder, and return it with what the check found.

    `form` is one that the student's class names, the first if None.

    Raises:
        UsageError: the student has no such form, or its parameters allow none.
        ComponentError: fewer first answers than `least` are the same; the folder is emptied.
    """
    refuse_without_form(fitted)
    with fitted.open() as student:
        form = _form(fitted, student, form)
        before, took = _timed(fitted, student, texts)  # first: an export might change its student
        cast("Exports", student).export(form, folder)
        if (folder / FOLDER_MANIFEST).exists():
            raise ComponentError(
                f"it wrote a file {FOLDER_MANIFEST}",
                where=f"student '{fitted.label}'",
                fix="its `export` must call it otherwise",
            )
    made = replace(fitted, name=str(folder), folder=folder, form=form)
    with made.open() as exported:
        after, takes = _timed(made, exported, texts)
    check = _check(before, after, took / max(takes, 1e-9))
    if check.first < least:
        shutil.rmtree(folder)
        raise ComponentError(
            f"only {check.first:.1%} of {check.texts} first emoji equal the original's",
            where=f"{fitted.name} as {form}",
            fix=f"allow it with --allow {int(check.first * 100) / 100:.2f}, or export another seed",
        )
    return made, check


def refuse_without_form(fitted: FittedStudent) -> None:
    """Refuse a student that has no form but its own, with those that have.

    Raises:
        UsageError: it has none.
    """
    if not fitted.can("exports"):
        size = folder_size(fitted.folder)
        shown = f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
        raise UsageError(
            f"student '{fitted.label}' ({shown}) has no other form",
            where=fitted.name,
            fix=f"publish it as it is: `deshi publish {fitted.name} --to FOLDER`. {_who_can(fitted)}",
        )


def _form(fitted: FittedStudent, student: Exported, form: str | None) -> str:
    forms = cast("Exports", student).forms
    if form is not None and form not in forms:
        raise UsageError(f"no form '{form}'", where=fitted.name, fix=nearest(form, forms))
    return form or forms[0]


def _who_can(fitted: FittedStudent) -> str:
    """Say which students can be exported."""
    offers = fitted.registry.catalog.offers("student")
    names = [f"'{offer.id}'" for offer in offers if "exports" in offer.spec.capabilities]
    if not names:
        return "No student of this run can be exported"
    return f"Only {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))} can be exported"


def _timed(
    fitted: FittedStudent, student: Exported, texts: Sequence[Text]
) -> tuple[list[Prediction], float]:
    began = time.perf_counter()
    found = [answer.prediction for answer in predict_texts(fitted, student, texts)]
    return found, time.perf_counter() - began


def _check(before: Sequence[Prediction], after: Sequence[Prediction], speed: float) -> Check:
    pairs = list(zip(before, after, strict=True))
    n = max(1, len(pairs))
    first = sum(a.emojis[:1] == b.emojis[:1] for a, b in pairs)
    whole = sum(set(a.emojis) == set(b.emojis) for a, b in pairs)
    return Check(len(pairs), first / n, whole / n, speed)
