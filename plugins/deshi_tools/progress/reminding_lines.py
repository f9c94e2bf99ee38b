"""Plain lines of progress, with a sign of life while a stage takes long."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from deshi.cli.progress import Lines

if TYPE_CHECKING:
    from deshi.benchmark.plan import Stage
    from deshi.workspace.manifest import Finished

_QUIET_SECONDS = 60.0
"""So long a log may say nothing while a stage runs."""


class RemindingLines(Lines):
    """Writes a plain line whenever a stage ends, and one a minute while none does."""

    def __init__(self, quiet_seconds: float = _QUIET_SECONDS) -> None:
        super().__init__()
        self._quiet_seconds = quiet_seconds
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._wrote = time.monotonic()

    def __enter__(self) -> Self:
        threading.Thread(target=self._remind, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.set()

    def started(self, stage: Stage) -> None:
        """Remember what runs; the end of a stage is what is written."""
        with self._lock:
            self._running[stage.address] = _Running(stage.title)

    def advanced(self, stage: Stage, done: int, total: int | None) -> None:
        """Remember how far a stage is, for the line a minute."""
        with self._lock:
            if stage.address in self._running:
                self._running[stage.address].count = f"{done} of {total}" if total else f"{done}"

    def finished(self, stage: Stage, finished: Finished) -> None:
        """Forget what ran, and say how it ended."""
        with self._lock:
            self._running.pop(stage.address, None)
        super().finished(stage, finished)

    def write(self, line: str) -> None:
        """Write a line, and remember when."""
        self._wrote = time.monotonic()
        super().write(line)

    def _remind(self) -> None:
        while not self._closing.wait(self._quiet_seconds / 10):
            if time.monotonic() - self._wrote >= self._quiet_seconds:
                with self._lock:
                    lines = [running.line() for running in self._running.values()]
                if lines:
                    self.write("; ".join(lines))


class _Running:
    """A stage at work: since when, and how far it is."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = time.monotonic()
        self.count = ""

    def line(self) -> str:
        """Return what a log says of it."""
        count = f", {self.count}" if self.count else ""
        return f"{self._title}: running for {time.monotonic() - self._began:.0f} s{count}"
