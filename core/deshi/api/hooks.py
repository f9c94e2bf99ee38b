"""The hooks: what a plugin may offer, and what it may watch.

A plugin is a module named by one entry point of the group `deshi.v2`. It implements any of these
functions with the marker `hookimpl`. Offering hooks return specs and must be pure and quick: no heavy
import, no file, no network. Watching hooks return nothing; their failures are reported and harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pluggy

from deshi.api.records import Json
from deshi.api.specs import (
    CorpusSpec,
    ExecutorSpec,
    FilterSpec,
    Layer,
    LossSpec,
    MetricSpec,
    StudentSpec,
    TeacherSpec,
)

hookimpl = pluggy.HookimplMarker("deshi")


def deshi_corpora() -> Iterable[CorpusSpec]:  # type: ignore[empty-body]
    """Offer corpora."""


def deshi_teachers() -> Iterable[TeacherSpec]:  # type: ignore[empty-body]
    """Offer teachers."""


def deshi_filters() -> Iterable[FilterSpec]:  # type: ignore[empty-body]
    """Offer filters."""


def deshi_students() -> Iterable[StudentSpec]:  # type: ignore[empty-body]
    """Offer students."""


def deshi_losses() -> Iterable[LossSpec]:  # type: ignore[empty-body]
    """Offer losses."""


def deshi_metrics() -> Iterable[MetricSpec]:  # type: ignore[empty-body]
    """Offer metrics."""


def deshi_executors() -> Iterable[ExecutorSpec]:  # type: ignore[empty-body]
    """Offer executors, which run stages: in other processes, or on other machines."""


def deshi_layers() -> Iterable[Layer]:  # type: ignore[empty-body]
    """Ship registry.toml fragments: entries for the plugin's own components."""


def deshi_stage_finished(stage: Mapping[str, Json]) -> None:
    """Watch a stage finish; `stage` is its manifest."""


def deshi_run_finished(results: Mapping[str, Json]) -> None:
    """Watch a run finish; `results` is the content of results.json."""
