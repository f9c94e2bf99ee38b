"""What a stage function gets: its parameters, its inputs, an empty folder, and the registry."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deshi.api import Env, Json, Kind
from deshi.api.records import ignore_progress
from deshi.execute.account import Account
from deshi.execute.interrupts import Interrupts

if TYPE_CHECKING:
    from deshi.registry import Registry


@dataclass(frozen=True)
class Job:
    """One stage at work. `inputs` maps roles to the folders of finished artefacts."""

    params: Mapping[str, Json]
    inputs: Mapping[str, Path]
    out: Path
    scratch: Path
    workspace: Path
    registry: Registry
    progress: Callable[[int, int | None], None] = field(default=ignore_progress)
    account: Account = field(default_factory=Account)
    interrupts: Interrupts = field(default_factory=Interrupts)

    def component(self, part: Mapping[str, Json], *, seed: int = 0) -> Any:  # noqa: ANN401
        """Build the component that a plan's part describes: kind, id, params, env, members.

        Raises:
            NotReadyError: an extra, a plugin or a variable is missing.
        """
        kind: Kind = part["kind"]
        env = self.env(part, seed=seed)
        built: Any = self.registry.create(kind, part["id"], part["params"], env)
        members = part.get("members")
        if members and kind != "teacher":  # a teacher's members are asked, each by itself
            built.combine({name: self.component(member) for name, member in members.items()})
        return built

    def env(self, part: Mapping[str, Json], *, seed: int = 0) -> Env:
        """The machine as the component of a part sees it; secrets are read here and kept nowhere."""
        return env_of(
            part,
            seed=seed,
            folder=self.scratch,
            cache=self.workspace / "cache",
            progress=self.progress,
        )


def env_of(
    part: Mapping[str, Json],
    *,
    seed: int,
    folder: Path,
    cache: Path | None = None,
    progress: Callable[[int, int | None], None] = ignore_progress,
) -> Env:
    """Return the machine as the component of a part sees it, with a folder of its own."""
    settings: Mapping[str, Json] = part.get("env", {})
    names = part.get("environment", ())
    return Env(
        seed=seed,
        device=str(settings.get("device", "cpu")),
        threads=int(settings.get("threads", 1)),
        folder=folder,
        cache=cache,
        secrets={name: os.environ[name] for name in names if name in os.environ},
        settings=settings,
        log=logging.getLogger(f"deshi.{part['kind']}.{part['id']}"),
        progress=progress,
        entry=str(part.get("label", "")),
    )
