"""Run one stage: `(name, JSON parameters, input folders) -> folder`, in this process or another."""

from __future__ import annotations

import functools
import json
import os
import platform
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from deshi.api import BudgetReached, DeshiError, NotReadyError, UsageError
from deshi.api.records import ignore_progress
from deshi.engine.made_by import check_code, made_by
from deshi.engine.process_state import kept_process_state
from deshi.redaction import Mask
from deshi.registry import Registry
from deshi.workspace.interrupts import Interrupts
from deshi.workspace.job import Account, Job
from deshi.workspace.manifest import Finished, Manifest
from deshi.workspace.stop_signals import nobody_interrupted
from deshi.workspace.store import Store
from deshi.workspace.system_errors import of_the_workspace

if TYPE_CHECKING:
    from deshi.benchmark.plan import Stage
    from deshi.benchmark.stage_params import StageParams

_MANIFESTS: Mapping[str, Callable[..., Manifest]] = {
    kind.__struct_config__.tag: kind for kind in get_args(Manifest)
}
"""What a stage leaves, by its name."""


def run_stage(
    stage: Stage,
    root: Path,
    registry: Registry,
    progress: Callable[[int, int | None], None] = ignore_progress,
    account: Account | None = None,
    interrupts: Interrupts | None = None,
) -> Finished:
    """Make one artefact, or find it made.

    Raises:
        UsageError, NotReadyError: what the user named is wrong or missing; no cell can fix that.
        BudgetReached: a teacher's next call might exceed a budget.
    """
    store = Store(root)

    def write(out: Path, scratch: Path) -> Manifest:
        inputs = {role: store.folder(address) for role, address in stage.inputs.items()}
        owners = account or Account(), interrupts or Interrupts()
        job = Job(stage.params, inputs, out, scratch, root, registry, progress, *owners)
        try:
            return _write(stage, job)
        except Exception as error:  # before what was written goes, and with it what filled the disk
            if (why := of_the_workspace(error, root, out)) is not None:
                raise why from error
            raise

    try:
        manifest, made = store.make(stage.address, write)
    except (UsageError, NotReadyError, BudgetReached):
        raise
    except BaseException as error:  # a component may raise anything; the others go on
        if isinstance(error, KeyboardInterrupt) and not nobody_interrupted():
            raise
        if (why := of_the_workspace(error, root, root)) is not None:
            raise why from error
        return _failed(stage, error)
    return Finished(stage.address, "made" if made else "found", manifest=manifest)


def _failed(stage: Stage, error: BaseException) -> Finished:
    known = isinstance(error, DeshiError)
    reason = str(error) if known else f"{type(error).__name__}: {error}"
    mask = Mask.of(_secrets(stage.params))
    trace = mask("".join(traceback.format_exception(error)))
    return Finished(stage.address, "failed", reason=mask(reason), trace=trace)


class RemoteStage:
    """A stage as an executor gets it: picklable, with its workspace and registry.

    It asks no teacher, so no account comes with it.
    """

    def __init__(self, stage: Stage, root: Path, registry: str) -> None:
        self.address, self.title, self.resources = stage.address, stage.title, stage.resources
        self._stage, self._root, self._registry = stage, root, registry

    def __call__(self) -> Finished | DeshiError:
        """Run the stage; what stops the whole run comes back as a value."""
        try:
            return run_stage(self._stage, self._root, _registry(self._registry))
        except DeshiError as error:
            return error


@functools.lru_cache(maxsize=1)
def _registry(content: str) -> Registry:
    return Registry.from_json(json.loads(content))


def _write(stage: Stage, job: Job[StageParams]) -> Manifest:
    """Fill the job's folder by the stage's function and return the manifest."""
    started = time.monotonic()
    check_code(stage.params, job.registry)
    with kept_process_state():
        figures = getattr(import_module(f"deshi.stages.{stage.name}"), stage.name)(job)
    check_code(stage.params, job.registry)  # it may have been imported when it was changed already
    return _MANIFESTS[stage.name](
        address=stage.address,
        title=stage.title,
        params=stage.params,
        inputs=stage.inputs,
        figures=figures,
        seconds=round(time.monotonic() - started, 3),
        made_by=made_by(stage.params, job.registry, figures),
        machine={"platform": platform.platform(), "cores": os.cpu_count()},
    )


def _secrets(params: StageParams) -> Iterator[str]:
    """Yield the values of the environment variables that a stage's components may see, members too."""
    for part in params.parts():
        for one in part.whole():
            yield from (os.environ[name] for name in one.environment if name in os.environ)
