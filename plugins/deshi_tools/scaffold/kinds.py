"""What differs from kind to kind in a new plugin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deshi.api import Kind


@dataclass(frozen=True)
class Beginning:
    """What the templates of one kind use.

    `component` and `hook` are the names that their modules import from `deshi.api`; `requires` what
    the distribution needs besides deshi; `example` a parameter for the README.
    """

    summary: str
    component: tuple[str, ...]
    hook: tuple[str, ...]
    example: str
    requires: tuple[str, ...] = ()


BEGINNINGS: Final[Mapping[Kind, Beginning]] = {
    "corpus": Beginning(
        summary="sentences about what somebody did.",
        component=("Env", "Help", "Text"),
        hook=("CorpusSpec", "Terms", "hookimpl"),
        example="limit = 200",
    ),
    "teacher": Beginning(
        summary="answers with the emoji of known words.",
        component=("Env", "Help", "Reply", "Request"),
        hook=("TeacherSpec", "Terms", "hookimpl"),
        example='otherwise = "😀"',
    ),
    "filter": Beginning(
        summary="drops texts with links.",
        component=("Drop", "Env", "Help", "Item", "Keep", "Verdict"),
        hook=("FilterSpec", "hookimpl"),
        example="most = 1",
    ),
    "student": Beginning(
        summary="naive Bayes over pairs of characters.",
        component=(
            "ComponentError",
            "Env",
            "Examples",
            "FitReport",
            "Help",
            "Loss",
            "Prediction",
            "Text",
        ),
        hook=("StudentSpec", "hookimpl"),
        example="smoothing = 0.1",
        requires=("numpy",),
    ),
    "loss": Beginning(
        summary="generalised cross-entropy, which wrong labels move less.",
        component=("Decoding", "Env", "Help"),
        hook=("LossSpec", "Needs", "hookimpl"),
        example="q = 0.5",
    ),
    "metric": Beginning(
        summary="emoji that an answer has beyond what is expected.",
        component=("Env", "Expected", "Help", "Prediction"),
        hook=("MetricSpec", "hookimpl"),
        example="spare = 1",
        requires=("numpy",),
    ),
}
