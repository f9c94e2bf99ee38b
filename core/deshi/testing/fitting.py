"""Fit a student on a task that anything can learn, with what it needs: a loss, fitted members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deshi.api import Examples, FitReport, Loss, Prediction
from deshi.testing import samples
from deshi.testing.subject import Subject

SEED = 0


@dataclass(frozen=True)
class FirstFit:
    """A student that was fitted on the easy task, and what that did besides."""

    student: Any
    report: Any
    counts_changed: bool
    examples_changed: bool


def first_fit(subject: Subject) -> FirstFit:
    """Return the student that all checks share that need no other; it stays open until the last."""
    return subject.once("first fit", lambda: _first_fit(subject))


def _first_fit(subject: Subject) -> FirstFit:
    train, valid = samples.easy()
    held = replace(train, texts=list(train.texts), expected=list(train.expected))
    counts = train.counts.copy()
    student = subject.stack.enter_context(subject.opened(seed=SEED))
    report = fit(subject, student, held, replace(valid, texts=list(valid.texts)))
    same = (list(held.texts), list(held.expected)) == (list(train.texts), list(train.expected))
    return FirstFit(student, report, bool((counts != held.counts).any()), not same)


def fit(
    subject: Subject,
    student: Any,  # noqa: ANN401
    train: Examples | None = None,
    valid: Examples | None = None,
) -> FitReport:
    """Fit a student on easy examples, or on those that are given."""
    easy_train, easy_valid = samples.easy()
    train = train if train is not None else easy_train
    valid = valid if valid is not None else easy_valid
    if subject.member_names:
        student.combine(_members(subject, train, valid))
    report: FitReport = student.fit(train, valid, _loss_for(subject))
    return report


def rounded(predictions: Sequence[Prediction]) -> list[tuple[object, ...]]:
    """Return predictions as they compare: scores to five digits, which threads may move beyond."""
    return [
        (
            one.emojis,
            one.unknown,
            tuple((emoji, round(float(score), 5)) for emoji, score in one.ranked or ()),
        )
        for one in predictions
    ]


def _loss_for(subject: Subject) -> Loss | None:
    """Return a loss of deshi's own that the student takes, or None for one that takes none."""
    if subject.spec.trains_on is None and subject.spec.combines is None:
        return None
    loss: Loss = subject.other("loss", "ce" if subject.spec.trains_on == "tokens" else "bce")
    return loss


def _members(subject: Subject, train: Examples, valid: Examples) -> dict[str, Any]:
    """Return the fitted students that a student combines, by the names of their entries."""
    found: dict[str, Any] = {}
    for name in subject.member_names:
        resolved = subject.registry.resolve(subject.registry.entry("student", name))
        student: Any = subject.registry.create(
            "student", resolved.component, resolved.params_json, subject.env(Path())
        )
        takes_loss = resolved.spec.trains_on is not None  # type: ignore[attr-defined]
        student.fit(train, valid, subject.other("loss", "bce") if takes_loss else None)
        found[name] = student
    return found
