"""What a stage function gets: its parameters, its inputs, an empty folder, and the registry."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from deshi.api import Env
from deshi.api.records import ignore_progress
from deshi.workspace.interrupts import Interrupts

if TYPE_CHECKING:
    from deshi.benchmark.part import Part
    from deshi.registry import Registry


ParamsT_co = TypeVar("ParamsT_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A run's account. `cap` is what the run may spend in all its sessions, in nano-USD, if limited."""

    run: str = ""
    session: str = field(default_factory=lambda: uuid.uuid4().hex)
    cap: int | None = None


@dataclass(frozen=True)
class Job(Generic[ParamsT_co]):
    """One stage at work. `inputs` maps roles to the folders of finished artefacts."""

    params: ParamsT_co
    inputs: Mapping[str, Path]
    out: Path
    scratch: Path
    workspace: Path
    registry: Registry
    progress: Callable[[int, int | None], None] = field(default=ignore_progress)
    account: Account = field(default_factory=Account)
    interrupts: Interrupts = field(default_factory=Interrupts)

    def component(self, part: Part, *, seed: int = 0) -> Any:  # noqa: ANN401
        """Build the component of a part; NotReadyError: an extra, plugin or variable is missing."""
        env = self.env(part, seed=seed)
        built: Any = self.registry.create(part.kind, part.id, part.params, env)
        if part.members and part.kind != "teacher":  # a teacher's members have clients of their own
            built.combine({name: self.component(one) for name, one in part.members.items()})
        return built

    def env(self, part: Part, *, seed: int = 0) -> Env:
        """The machine as the component of a part sees it; secrets are read here and kept nowhere."""
        env = env_of(part, seed=seed, folder=self.scratch)
        return replace(env, cache=self.workspace / "cache", progress=self.progress)


def env_of(part: Part, *, seed: int, folder: Path) -> Env:
    """Return the machine as the component of a part sees it, with a folder of its own."""
    return Env(
        seed=seed,
        device=str(part.env.get("device", "cpu")),
        threads=int(part.env.get("threads", 1)),
        folder=folder,
        secrets={name: os.environ[name] for name in part.environment if name in os.environ},
        settings=part.env,
        log=logging.getLogger(f"deshi.{part.kind}.{part.id}"),
        entry=part.label,
    )
