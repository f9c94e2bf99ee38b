"""An executor that starts a Python process per stage.

A task and its result travel as files. With `sbatch`, `kubectl` or `ssh` in place of the command below,
and a folder that the machines share, this is an executor of a cluster.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

from deshi.api import StageTask, WorkerLostError


class FreshProcesses:
    """Runs up to `workers` stages at a time, each in a process that ends with it."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._folder = tempfile.TemporaryDirectory(prefix="deshi-processes-")
        self._waiting = ThreadPoolExecutor(workers)
        self._running: set[subprocess.Popen[bytes]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._waiting.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def submit(self, task: StageTask) -> Future[object]:
        """Start a process for the task; a thread waits for it."""
        return self._waiting.submit(self._run, task)

    def restart(self) -> None:
        """Every process is fresh."""

    def interrupt(self) -> None:
        """Kill the processes."""
        for process in tuple(self._running):
            process.kill()

    def _run(self, task: StageTask) -> object:
        name = task.address.replace("/", "-")
        given, returned = (Path(self._folder.name, f"{name}.{end}") for end in ("task", "result"))
        given.write_bytes(pickle.dumps(task))
        command = [sys.executable, "-m", "deshi_processes.worker", given, returned]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._running.add(process)
        try:
            status = process.wait()
        finally:
            self._running.discard(process)
        if status != 0 or not returned.is_file():
            raise WorkerLostError
        return pickle.loads(returned.read_bytes())
