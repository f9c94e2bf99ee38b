"""Progress on stderr: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from deshi.engine.watch import Watcher

if TYPE_CHECKING:
    from deshi.benchmark.plan import Plan, Stage
    from deshi.workspace.finished import Finished

_QUIET_SECONDS = 60.0
"""So long a log may say nothing while a stage runs."""


@contextmanager
def watcher_for(*, quiet: bool) -> Iterator[Watcher]:
    """Yield the watcher that fits stderr: a live display for a terminal, lines for a file or a pipe."""
    if quiet:
        yield Watcher()
    elif sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        from deshi.cli.live_display import LiveDisplay

        with LiveDisplay() as display:
            yield display
    else:
        with Lines() as lines:
            yield lines


class Lines(Watcher):
    """Writes a plain line whenever a stage ends, and one a minute while none does."""

    def __init__(self, quiet_seconds: float = _QUIET_SECONDS) -> None:
        self._quiet_seconds = quiet_seconds
        self._total = 0
        self._done = 0
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._wrote = time.monotonic()

    def __enter__(self) -> Self:
        threading.Thread(target=self._remind, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.set()

    def planned(self, plan: Plan, absent: Collection[str]) -> None:
        """Say how much there is to do."""
        self._total = len(absent)
        there = len(plan.stages) - len(absent)
        self._write(
            f"{plan.run_name}: {len(plan.stages)} stages, {there} done, {len(absent)} to run"
        )

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
        """Say how a stage ended, unless it was there before."""
        with self._lock:
            self._running.pop(stage.address, None)
        if finished.status == "found":
            return
        self._done += 1
        seconds = f" in {finished.manifest.seconds:.1f} s" if finished.manifest else ""
        why = f": {finished.reason}" if finished.reason else ""
        place = f"[{self._done}/{self._total}] " if self._done <= self._total else ""
        self._write(f"{place}{stage.title}: {finished.status}{seconds}{why}")

    def _remind(self) -> None:
        while not self._closing.wait(self._quiet_seconds / 10):
            if time.monotonic() - self._wrote >= self._quiet_seconds:
                with self._lock:
                    lines = [running.line() for running in self._running.values()]
                if lines:
                    self._write("; ".join(lines))

    def _write(self, line: str) -> None:
        self._wrote = time.monotonic()
        sys.stderr.write(f"deshi: {line}\n")
        sys.stderr.flush()


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
