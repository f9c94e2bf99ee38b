"""What the scheduler starts stages by: in this process, or by an executor beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

from deshi.api import ComponentError, DeshiError, Executor, WorkerLostError
from deshi.engine.task import RemoteStage, run_stage
from deshi.labelling.calls.runner import DRAIN
from deshi.workspace.interrupts import Interrupts
from deshi.workspace.manifest import Finished
from deshi.workspace.stop_signals import listening

if TYPE_CHECKING:
    from deshi.benchmark.plan import Stage
    from deshi.engine.watch import Watcher
    from deshi.registry import Registry
    from deshi.workspace.job import Account

_GRACE = 5.0


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
        progress, owners = partial(watcher.advanced, stage), (self._account, self.interrupts)
        future.set_result(run_stage(stage, self._root, self._registry, progress, *owners))
        return future

    def restart(self) -> None:
        """There is no worker to lose."""

    def interrupt(self) -> None:
        """The stage that ran has ended by the interrupt itself."""


class Distributed:
    """Gives stages to an executor; those that ask teachers run in a thread of this process.

    There is one ledger with one writer, one pace and one budget.
    """

    def __init__(
        self,
        make: Callable[[int], Executor],
        workers: int,
        root: Path,
        registry: Registry,
        account: Account,
    ) -> None:
        self._name = f"executor {make.__module__}:{getattr(make, '__qualname__', make)}"
        with self._guard():
            self._executor = make(workers)
            self.workers = self._executor.workers
        if type(self.workers) is not int or self.workers < 1:
            raise ComponentError(
                f"has {self.workers!r} workers", where=self._name, fix="give a whole number from 1"
            )
        self._root = root
        self._registry = json.dumps(registry.to_json())
        self._driver = InProcess(root, registry, account)
        self._thread = ThreadPoolExecutor(1)
        self._driver_futures: set[Future[Finished]] = set()

    def __enter__(self) -> Self:
        with self._guard():
            self._executor = self._executor.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        with self._guard():
            self._executor.__exit__(*error)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def submit(self, stage: Stage, watcher: Watcher) -> Future[Finished]:
        """Run a stage by the executor, or here if it asks a teacher."""
        if not stage.resources.driver:
            return self._remote(RemoteStage(stage, self._root, self._registry))
        future = self._thread.submit(lambda: self._driver.submit(stage, watcher).result())
        self._driver_futures.add(future)
        future.add_done_callback(self._driver_futures.discard)
        return future

    def _remote(self, task: RemoteStage) -> Future[Finished]:
        lost: Future[Finished] = Future()
        try:
            with self._guard():
                future: object = self._executor.submit(task)
        except WorkerLostError as error:
            lost.set_exception(error)
            return lost
        if not isinstance(future, Future):
            what = f"returned {type(future).__name__} from submit"
            raise ComponentError(what, where=self._name, fix="return a concurrent.futures.Future")
        return _finished(future, self._name)

    def restart(self) -> None:
        """Take new workers, after one was lost."""
        with self._guard():
            self._executor.restart()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Name the executor in whatever it raises that is no message of its own."""
        try:
            yield
        except (DeshiError, WorkerLostError):
            raise
        except Exception as error:
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise ComponentError(f"failed: {what}", where=self._name) from error

    def interrupt(self) -> None:
        """End the workers; let a stage that asks teachers drain, unless interrupted again."""
        with self._guard():
            self._executor.interrupt()
        with listening(self._driver.interrupts.arrive):
            self._driver.interrupts.arrive()
            wait(list(self._driver_futures), timeout=DRAIN + _GRACE)


StageRunner: TypeAlias = InProcess | Distributed
"""Runs stages for the scheduler: a future of WorkerLostError is a worker that was lost."""


def _finished(future: Future[object], name: str) -> Future[Finished]:
    """Return a future that raises what stops the run, and refuses what no stage can have returned."""
    result: Future[Finished] = Future()

    def settle(ended: Future[object]) -> None:
        lost = ended.cancelled() or isinstance(ended.exception(), BrokenExecutor)
        error = WorkerLostError() if lost else ended.exception()
        value = None if error else ended.result()
        if isinstance(value, Finished):
            result.set_result(value)
        elif isinstance(value, DeshiError):
            result.set_exception(value)
        elif isinstance(error, Exception):
            result.set_exception(error)
        else:
            what = f"ended with {error!r}" if error else f"returned {type(value).__name__}"
            fix = "return what the task returns"
            result.set_exception(ComponentError(f"{what} for a stage", where=name, fix=fix))

    future.add_done_callback(settle)
    return result
