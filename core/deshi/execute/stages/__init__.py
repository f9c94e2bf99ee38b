"""The stages, each a function `(job) -> figures` that fills an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from deshi.api import Json
    from deshi.execute.job import Job

STAGES: Mapping[str, str] = {
    "split": "deshi.execute.stages.split:split",
    "gather": "deshi.execute.stages.gather:gather",
    "fit": "deshi.execute.stages.fit:fit",
    "validate": "deshi.execute.stages.validate:validate",
    "predict": "deshi.execute.stages.predict:predict",
    "answer": "deshi.execute.stages.answer:answer",
    "score": "deshi.execute.stages.score:score",
    "compare": "deshi.execute.stages.compare:compare",
}
"""In the order of the flow; a stage is importable by name, so that a worker can run it."""


def stage_function(name: str) -> Callable[[Job], Json]:
    """Return the function of a stage."""
    module, function = STAGES[name].split(":")
    return cast("Callable[[Job], Json]", getattr(import_module(module), function))
