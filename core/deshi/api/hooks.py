"""The hooks: what a plugin may offer, and what it may watch.

A plugin is a module named by one entry point of the group `deshi.v2`. It implements any of these
functions with the marker `hookimpl`. Offering hooks return specs and must be pure and quick: no heavy
import, no file, no network. Watching hooks return nothing; their failures are reported and harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
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

hookspec = pluggy.HookspecMarker("deshi")
hookimpl = pluggy.HookimplMarker("deshi")


@hookspec
def deshi_corpora() -> Iterable[CorpusSpec]:  # type: ignore[empty-body]
    """Offer corpora."""


@hookspec
def deshi_teachers() -> Iterable[TeacherSpec]:  # type: ignore[empty-body]
    """Offer teachers."""


@hookspec
def deshi_filters() -> Iterable[FilterSpec]:  # type: ignore[empty-body]
    """Offer filters."""


@hookspec
def deshi_students() -> Iterable[StudentSpec]:  # type: ignore[empty-body]
    """Offer students."""


@hookspec
def deshi_losses() -> Iterable[LossSpec]:  # type: ignore[empty-body]
    """Offer losses."""


@hookspec
def deshi_metrics() -> Iterable[MetricSpec]:  # type: ignore[empty-body]
    """Offer metrics."""


@hookspec
def deshi_executors() -> Iterable[ExecutorSpec]:  # type: ignore[empty-body]
    """Offer executors, which run stages: in other processes, or on other machines."""


@hookspec
def deshi_layers() -> Iterable[Layer]:  # type: ignore[empty-body]
    """Ship registry.toml fragments: entries for the plugin's own components."""


@hookspec
def deshi_stage_finished(stage: Mapping[str, Json]) -> None:
    """Watch a stage finish; `stage` is its manifest."""


@hookspec
def deshi_run_finished(results: Mapping[str, Json]) -> None:
    """Watch a run finish; `results` is the content of results.json."""
