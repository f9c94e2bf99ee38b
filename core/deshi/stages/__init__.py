"""The stages, each a function `(job) -> figures` that fills an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from deshi.workspace.manifest import (
    AnswerManifest,
    CompareManifest,
    FitManifest,
    LabelManifest,
    Manifest,
    PredictManifest,
    ScoreManifest,
    SplitManifest,
    ValidateManifest,
)

if TYPE_CHECKING:
    from deshi.workspace.job import Job

STAGES: Mapping[str, Callable[..., Manifest]] = {
    "split": SplitManifest,
    "label": LabelManifest,
    "fit": FitManifest,
    "validate": ValidateManifest,
    "predict": PredictManifest,
    "answer": AnswerManifest,
    "score": ScoreManifest,
    "compare": CompareManifest,
}
"""In the order of the flow, with what each leaves.

A stage is the function of its name in the module of its name, which is imported where it runs.
"""


def stage_function(name: str) -> Callable[[Job[Any]], Any]:
    """Return the function of a stage: it takes a job with its parameters and returns its figures."""
    module = import_module(f"deshi.stages.{name}")
    return cast("Callable[[Job[Any]], Any]", getattr(module, name))
