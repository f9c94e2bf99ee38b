"""Progress on stderr: the view `progress`, or a plain line per stage where none is installed."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from deshi.api import NotReadyError
from deshi.cli.views import view
from deshi.engine.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    from deshi.benchmark.plan import Plan, Stage
    from deshi.workspace.manifest import Finished


def watcher_for(*, quiet: bool) -> AbstractContextManager[Watcher]:
    """Return what watches a run while it goes on."""
    if quiet:
        return nullcontext(Watcher())
    try:
        watcher: AbstractContextManager[Watcher] = view("progress")()
    except NotReadyError:
        return nullcontext(Lines())
    return watcher


class Lines(Watcher):
    """Writes a plain line whenever a stage ends."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0

    def planned(self, plan: Plan, absent: Collection[str]) -> None:
        """Say how much there is to do."""
        self._total = len(absent)
        there = len(plan.stages) - len(absent)
        self.write(
            f"{plan.run_name}: {len(plan.stages)} stages, {there} done, {len(absent)} to run"
        )

    def finished(self, stage: Stage, finished: Finished) -> None:
        """Say how a stage ended, unless it was there before."""
        if finished.status == "found":
            return
        self._done += 1
        seconds = f" in {finished.manifest.seconds:.1f} s" if finished.manifest else ""
        why = f": {finished.reason}" if finished.reason else ""
        place = f"[{self._done}/{self._total}] " if self._done <= self._total else ""
        self.write(f"{place}{stage.title}: {finished.status}{seconds}{why}")

    def write(self, line: str) -> None:
        """Write a line."""
        sys.stderr.write(f"deshi: {line}\n")
        sys.stderr.flush()
