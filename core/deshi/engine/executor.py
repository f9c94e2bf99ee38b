"""What runs stages: the protocol, and the executor that needs no other process."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from deshi.engine.task import run_stage
from deshi.workspace.finished import Finished
from deshi.workspace.interrupts import Interrupts

if TYPE_CHECKING:
    from deshi.benchmark.plan import Stage
    from deshi.engine.watch import Watcher
    from deshi.registry import Registry
    from deshi.workspace.job import Account


class WorkerLostError(Exception):
    """The process that ran a stage ended without a result."""


class Executor(Protocol):
    """Runs stages, as many at a time as it has workers. Stages may run twice, and in any order."""

    @property
    def workers(self) -> int:
        """How many stages run at a time."""
        ...

    def __enter__(self) -> Self:
        """Start."""
        ...

    def __exit__(self, *error: object) -> None:
        """End all workers."""
        ...

    def submit(self, stage: Stage, watcher: Watcher) -> Future[Finished]:
        """Run a stage. The future's exception is WorkerLostError if its worker was lost."""
        ...

    def restart(self) -> None:
        """Take new workers, after one was lost."""
        ...

    def interrupt(self) -> None:
        """End what is at work, after Ctrl-C; what asks a teacher is given time to keep the answers."""
        ...


class InProcess:
    """Runs one stage after the other in this process: the future is done when it is returned."""

    workers = 1

    def __init__(self, root: Path, registry: Registry, account: Account) -> None:
        self._root = root
        self._registry = registry
        self._account = account
        self.interrupts = Interrupts()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """There is nothing to end."""

    def submit(self, stage: Stage, watcher: Watcher) -> Future[Finished]:
        """Run a stage now; raises what stops the whole run."""
        future: Future[Finished] = Future()
        future.set_result(
            run_stage(
                stage,
                self._root,
                self._registry,
                partial(watcher.advanced, stage),
                account=self._account,
                interrupts=self.interrupts,
            )
        )
        return future

    def restart(self) -> None:
        """There is no worker to lose."""

    def interrupt(self) -> None:
        """The stage at work has ended by the interrupt itself."""
