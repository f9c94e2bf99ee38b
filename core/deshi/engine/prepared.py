"""A benchmark that is ready to run: what every step of a run is given."""

from __future__ import annotations

from dataclasses import dataclass

from deshi.benchmark.file import Benchmark
from deshi.benchmark.parts import Parts
from deshi.benchmark.plan import Plan
from deshi.registry import Registry
from deshi.workspace.workspace import Workspace


@dataclass(frozen=True)
class Prepared:
    """A benchmark that is read, expanded and planned, and has run nothing."""

    benchmark: Benchmark
    registry: Registry
    parts: Parts
    plan: Plan
    workspace: Workspace
    command: tuple[str, ...]
