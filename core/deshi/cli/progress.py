"""Progress on stderr: bars and a table that fills on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from deshi.execute.watch import Silent, Watcher

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import TaskID

    from deshi.benchmark.plan import Plan, Row, Stage
    from deshi.execute.task import Finished


@contextmanager
def watcher_for(*, quiet: bool) -> Iterator[Watcher]:
    """Yield the watcher that fits stderr: bars for a terminal, lines for a file or a pipe."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with Bars() as bars:
            yield bars
    else:
        yield Lines()


class Lines:
    """Writes one plain line whenever a stage ends."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0

    def planned(self, plan: Plan, absent: Collection[str]) -> None:
        """Say how much there is to do."""
        self._total = len(absent)
        there = len(plan.stages) - len(absent)
        _write(f"{plan.run_name}: {len(plan.stages)} stages, {there} there, {len(absent)} to run")

    def started(self, stage: Stage) -> None:
        """Say nothing; the end of a stage is told."""

    def advanced(self, stage: Stage, done: int, total: int | None) -> None:
        """Say nothing; a log is no place for bars."""

    def finished(self, stage: Stage, finished: Finished) -> None:
        """Say how a stage ended, unless it was there before."""
        if finished.status == "found":
            return
        self._done += 1
        seconds = f" in {finished.manifest['seconds']:.1f} s" if finished.manifest else ""
        why = f": {finished.reason}" if finished.reason else ""
        place = f"[{self._done}/{self._total}] " if self._done <= self._total else ""
        _write(f"{place}{stage.title}: {finished.status}{seconds}{why}")


class Bars:
    """A bar for all stages and one for each that runs, over a table that fills as rows finish."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._console = Console(stderr=True, highlight=False, emoji=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self._console,
        )
        self._live = Live(
            get_renderable=self._render, console=self._console, transient=True, refresh_per_second=8
        )
        self._tasks: dict[str, TaskID] = {}
        self._all: TaskID | None = None
        self._plan: Plan | None = None
        self._values: dict[str, float | None] = {}

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def planned(self, plan: Plan, absent: Collection[str]) -> None:
        """Set up the bar for all stages."""
        self._plan = plan
        self._all = self._progress.add_task(plan.run_name, total=len(absent))

    def started(self, stage: Stage) -> None:
        """Add a bar."""
        self._tasks[stage.address] = self._progress.add_task(f"  {stage.title}", total=None)

    def advanced(self, stage: Stage, done: int, total: int | None) -> None:
        """Move a bar."""
        task = self._tasks.get(stage.address)
        if task is not None:
            self._progress.update(task, completed=done, total=total)

    def finished(self, stage: Stage, finished: Finished) -> None:
        """Remove a bar, move the one for all, fill the table."""
        task = self._tasks.pop(stage.address, None)
        if task is not None:
            self._progress.remove_task(task)
        if finished.status != "found" and self._all is not None and stage.name != "compare":
            self._progress.advance(self._all)
        if finished.status in ("failed", "blocked") and stage.name != "score":
            self._console.print(f"deshi: {stage.title}: {finished.status}: {finished.reason}")
        if stage.name == "score" and finished.manifest:
            values = finished.manifest["figures"]["values"]
            self._values[stage.address] = next(iter(values.values()), None)

    def _render(self) -> RenderableType:
        from rich.console import Group

        if self._plan is None:
            return self._progress
        return Group(self._progress, _filling(self._plan, self._values))


def _filling(plan: Plan, values: dict[str, float | None]) -> RenderableType:
    from deshi.report.table import table_of
    from deshi.report.terminal import renderable

    name = plan.metrics[0]["label"]
    lines = [line for row in plan.rows if row.runs and (line := _so_far(row, values))]
    return renderable(table_of("", ("row", f"{name} so far", "seeds"), lines))


def _so_far(row: Row, values: dict[str, float | None]) -> tuple[str, str, str] | None:
    scored = [values[run.score] for run in row.runs if run.score in values]
    known = [value for value in scored if value is not None]
    if not scored:
        return None
    mean = f"{sum(known) / len(known):.3f}" if known else ""
    return row.id, mean, f"{len(scored)}/{len(row.runs)}"


def _write(line: str) -> None:
    sys.stderr.write(f"deshi: {line}\n")
    sys.stderr.flush()
