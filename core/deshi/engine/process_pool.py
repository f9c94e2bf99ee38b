"""An executor of spawned processes, which end with the process that made them."""

from __future__ import annotations

import codecs
import contextlib
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TYPE_CHECKING, Self

from deshi.api import DeshiError
from deshi.engine.executor import InProcess, WorkerLostError
from deshi.engine.task import run_in_worker
from deshi.labelling.calls.runner import DRAIN
from deshi.workspace.finished import Finished

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from deshi.benchmark.plan import Stage
    from deshi.engine.watch import Watcher
    from deshi.registry import Registry
    from deshi.workspace.job import Account

_GRACE = 5.0


class ProcessPool:
    """Spawns, never forks: a forked process inherits threads and GPU state that it cannot use.

    Stages that ask teachers run in a thread of this process: there is one ledger with one writer.
    """

    def __init__(self, workers: int, root: Path, registry: Registry, account: Account) -> None:
        self.workers = workers
        self._root = str(root)
        self._registry = json.dumps(registry.to_json())
        self._driver = InProcess(root, registry, account)
        self._driver_thread = ThreadPoolExecutor(1)
        self._driver_futures: set[Future[Finished]] = set()
        self._output = _Output()
        self._pool = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._driver_thread.shutdown(wait=False, cancel_futures=True)
        self._output.close()

    def submit(self, stage: Stage, watcher: Watcher) -> Future[Finished]:
        """Run a stage in a worker, which is started where none is free."""
        if stage.resources.driver:
            result = self._driver_thread.submit(
                lambda: self._driver.submit(stage, watcher).result()
            )
            self._driver_futures.add(result)
            result.add_done_callback(self._driver_futures.discard)
            return result
        with _interrupts_held():
            future = self._pool.submit(run_in_worker, stage, self._root, self._registry)
        return _unwrap_result(future)

    def restart(self) -> None:
        """Take new workers, after one was lost."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._start()

    def interrupt(self) -> None:
        """End the workers; let a stage that asks teachers drain, unless interrupted again."""
        for process in list((self._pool._processes or {}).values()):  # noqa: SLF001  (3.14 has kill_workers)
            process.kill()
        self._driver.interrupts.arrive()
        try:
            wait(list(self._driver_futures), timeout=DRAIN + _GRACE)
        except KeyboardInterrupt:
            self._driver.interrupts.arrive()
            wait(list(self._driver_futures), timeout=_GRACE)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_settle,
            initargs=(self._output.writer,),
        )


def _unwrap_result(future: Future[Finished | DeshiError]) -> Future[Finished]:
    """Return a future that raises what stops the run, and says in one way that a worker was lost."""
    result: Future[Finished] = Future()

    def settle(ended: Future[Finished | DeshiError]) -> None:
        error = WorkerLostError() if ended.cancelled() else ended.exception()
        if isinstance(error, BrokenProcessPool):
            error = WorkerLostError()
        value = None if error else ended.result()
        if isinstance(value, DeshiError):
            error = value
        if error is not None:
            result.set_exception(error)
        elif isinstance(value, Finished):
            result.set_result(value)

    future.add_done_callback(settle)
    return result


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while a worker is started.

    The worker inherits that, so none that is still importing answers with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Output:
    """What workers print, written by the parent: two writers on one terminal draw over each other."""

    def __init__(self) -> None:
        self._reader, self.writer = multiprocessing.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left; every worker has ended."""
        self.writer.close()
        self._thread.join(timeout=_GRACE)

    def _copy(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with contextlib.suppress(OSError):
            while portion := os.read(self._reader.fileno(), 65536):
                sys.stderr.write(decoder.decode(portion))
                sys.stderr.flush()


def _settle(output: Connection) -> None:
    """Leave Ctrl-C and the terminal to the parent, and end when the parent does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)
