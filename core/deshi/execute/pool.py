"""A pool of spawned processes that run stages, and that die with the process that made them."""

from __future__ import annotations

import codecs
import contextlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TYPE_CHECKING, Self

from deshi.execute.calls.runner import DRAIN
from deshi.execute.interrupts import of_worker
from deshi.execute.task import Finished, run_in_worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from deshi.api import DeshiError
    from deshi.benchmark.plan import Stage
    from deshi.execute.account import Account
    from deshi.registry import Registry


_GRACE = 5.0


class Pool:
    """Spawns, never forks: a forked process inherits threads and GPU state that it cannot use."""

    def __init__(self, workers: int, root: Path, registry: Registry, account: Account) -> None:
        self._workers = workers
        self._account = account
        self._root = str(root)
        self._registry = json.dumps(registry.to_json())
        self._context = multiprocessing.get_context("spawn")
        self._draining, self._stopping = _Signal(), _Signal()
        self._output = _Output()
        self._executor = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._output.close()

    def submit(self, stage: Stage) -> Future[Finished | DeshiError]:
        """Run a stage in a worker, which is started where none is free."""
        with _interrupts_held():
            return self._executor.submit(
                run_in_worker, stage, self._root, self._registry, self._account
            )

    def renew(self) -> None:
        """Take new workers, after one died."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._start()

    def interrupt(self, asking: Collection[Future[Finished | DeshiError]]) -> None:
        """Let stages that ask teachers drain, unless interrupted again, then end all workers."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._draining.send()
        with contextlib.suppress(KeyboardInterrupt):
            wait(asking, timeout=DRAIN + _GRACE)
        self._stopping.send()

    def _start(self) -> ProcessPoolExecutor:
        heard = (self._draining.reader, self._stopping.reader, self._output.writer)
        return ProcessPoolExecutor(
            self._workers, mp_context=self._context, initializer=_settle, initargs=heard
        )


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


class _Signal:
    """Tells all workers at once, and waits for none: an event would wait for workers that died.

    Workers look whether `reader` could be read and never read it.
    """

    def __init__(self) -> None:
        self.reader, self._writer = multiprocessing.Pipe(duplex=False)

    def send(self) -> None:
        """Tell the workers."""
        self._writer.send_bytes(b"!")


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


def _settle(draining: Connection, stopping: Connection, output: Connection) -> None:
    """Leave Ctrl-C and the terminal to the parent, and end when the parent does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    threading.Thread(target=_listen, args=(draining, stopping), daemon=True).start()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _listen(draining: Connection, stopping: Connection) -> None:
    """Pass on what the parent tells: first to drain, then to end, with a moment to keep the books."""
    interrupts = of_worker()
    wait_for([draining])
    interrupts.arrive()
    wait_for([stopping])
    interrupts.arrive()
    deadline = time.monotonic() + _GRACE
    while interrupts.is_heard and time.monotonic() < deadline:
        time.sleep(0.02)
    os._exit(1)


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)
