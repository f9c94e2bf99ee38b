"""A pool of spawned processes that run stages, and that die with the process that made them."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

from deshi.execute.task import Finished, run_in_worker

if TYPE_CHECKING:
    from deshi.api import DeshiError
    from deshi.benchmark.plan import Stage
    from deshi.execute.account import Account
    from deshi.registry import Registry


class Pool:
    """Spawns, never forks: a forked process inherits threads and GPU state that it cannot use."""

    def __init__(self, workers: int, root: Path, registry: Registry, account: Account) -> None:
        self._workers = workers
        self._account = account
        self._root = str(root)
        self._registry = json.dumps(registry.to_json())
        self._executor = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, stage: Stage) -> Future[Finished | DeshiError]:
        """Run a stage in a worker."""
        return self._executor.submit(
            run_in_worker, stage, self._root, self._registry, self._account
        )

    def renew(self) -> None:
        """Take new workers, after one died."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=_settle)


def _settle() -> None:
    """Leave Ctrl-C to the parent, and end when the parent does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(1)
