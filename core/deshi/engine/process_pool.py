"""An executor of spawned processes, which end with the process that made them."""

from __future__ import annotations

import codecs
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait as wait_for
from typing import TYPE_CHECKING, Self

from deshi.workspace.stop_signals import held

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from deshi.api import StageTask

_GRACE = 5.0


class ProcessPool:
    """Spawns, never forks: a forked process inherits threads and GPU state that it cannot use."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._output = _Output()
        self._pool = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if any(isinstance(one, KeyboardInterrupt) for one in error):
            self.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._output.close()

    def submit(self, task: StageTask) -> Future[object]:
        """Run a task in a worker, which is started where none is free."""
        with _interrupts_held():
            return self._pool.submit(task)

    def restart(self) -> None:
        """Take new workers, after one was lost."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._start()

    def interrupt(self) -> None:
        """End the workers."""
        for process in list((self._pool._processes or {}).values()):  # noqa: SLF001  (3.14 has kill_workers)
            process.kill()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_settle,
            initargs=(self._output.writer,),
        )


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold signals back while a worker is started: half a start would leave locks held.

    The worker inherits that of Ctrl-C, so none that is still importing answers with a traceback.
    """
    with held():
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
