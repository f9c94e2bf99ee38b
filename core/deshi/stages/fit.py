"""`fit`: train one student on one teacher's labels, with one loss and one seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from deshi.benchmark.stage_params import FitParams, StudentParams
from deshi.registry import members, open_component
from deshi.stages.dataset import NearTest, training
from deshi.workspace.manifest import FitFigures
from deshi.workspace.store import write_json

if TYPE_CHECKING:
    from pathlib import Path

    from deshi.api import Loss, Saves, Student
    from deshi.workspace.job import Job

ALPHABET = "alphabet.json"
MODEL = "model"


def fit(job: Job[FitParams]) -> FitFigures:
    """Write the folder `model` and `alphabet.json`, the emoji that the student could learn."""
    part = job.params.student
    folders = {name: job.inputs[f"member:{name}"] / MODEL for name in part.members}
    env = job.env(part, seed=seed_of(job))
    built: Any = job.registry.create("student", part.id, part.params, env)
    if folders:
        built.combine({name: _member(job, name, folder) for name, folder in folders.items()})
    with open_component(built) as student:
        figures = fit_student(job, student)
        model = job.out / MODEL
        model.mkdir()
        cast("Saves", student).save(model)
        if folders:
            members.save_members(model, part.members, folders)
    return figures


def _member(job: Job[FitParams], name: str, folder: Path) -> Student:
    """Return a fitted student that this one combines."""
    part = job.params.student.members[name]
    env = job.env(part, seed=seed_of(job))
    return job.registry.load_student(part.id, part.params, folder, env)


def fit_student(job: Job[FitParams], student: Student) -> FitFigures:
    """Fit a student on the job's labelled texts, write the training alphabet, return the report."""
    train, valid = training(job.inputs["label"], _judged_elsewhere(job))
    part = job.params.loss
    loss: Loss | None = job.component(part, seed=seed_of(job)) if part else None
    report = student.fit(train, valid, loss)
    write_json(job.out / ALPHABET, list(train.alphabet.symbols))
    return FitFigures(train=len(train.texts), report=msgspec.to_builtins(report))


def _judged_elsewhere(job: Job[FitParams]) -> NearTest | None:
    """Return the test texts to keep away from, where another teacher's labels are the gold."""
    threshold = job.params.near_test
    return NearTest(job.inputs["judged"], threshold) if threshold is not None else None


def seed_of(job: Job[StudentParams]) -> int:
    """Return the job's seed; a deterministic student has none and gets 0."""
    return job.params.seed or 0
