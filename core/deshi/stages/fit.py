"""`fit`: train one student on one teacher's labels, with one loss and one seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from deshi.benchmark.stage_params import FitParams
from deshi.registry import members, open_component
from deshi.stages.dataset import training
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
    env = job.env(part, seed=job.params.seed or 0)
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
    env = job.env(part, seed=job.params.seed or 0)
    return job.registry.load_student(part.id, part.params, folder, env)


def fit_student(job: Job[FitParams], student: Student) -> FitFigures:
    """Fit a student on the job's labelled texts, write the training alphabet, return the report."""
    # Where another teacher's labels are the gold, its test texts are kept away from.
    train, valid = training(job.inputs["label"], job.inputs.get("judged"), job.params.near_test)
    part = job.params.loss
    loss: Loss | None = job.component(part, seed=job.params.seed or 0) if part else None
    report = student.fit(train, valid, loss)
    write_json(job.out / ALPHABET, list(train.alphabet.symbols))
    return FitFigures(train=len(train.texts), report=msgspec.to_builtins(report))
