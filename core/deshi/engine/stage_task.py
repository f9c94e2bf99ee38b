"""A stage as an executor gets it: all that another process needs, in one picklable call."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from deshi.api import DeshiError, Resources
from deshi.benchmark.plan import Stage
from deshi.engine.task import run_stage
from deshi.registry import Registry
from deshi.workspace.finished import Finished


@dataclass(frozen=True)
class RemoteStage:
    """One stage with its workspace and registry; it asks no teacher, so no account comes with it."""

    stage: Stage
    root: str
    registry: str

    @property
    def address(self) -> str:
        """The artefact that the stage makes."""
        return self.stage.address

    @property
    def title(self) -> str:
        """The stage as messages call it."""
        return self.stage.title

    @property
    def resources(self) -> Resources:
        """What it takes."""
        return self.stage.resources

    def __call__(self) -> Finished | DeshiError:
        """Run the stage; what stops the whole run comes back as a value."""
        try:
            return run_stage(self.stage, Path(self.root), _registry(self.registry))
        except DeshiError as error:
            return error


@functools.lru_cache(maxsize=1)
def _registry(content: str) -> Registry:
    return Registry.from_json(json.loads(content))
