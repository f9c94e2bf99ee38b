"""What a terminal shows while a run goes on: the table that fills, what runs, how long it takes."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Self

from deshi.cli.encoding import visible
from deshi.engine.watch import Watcher
from deshi.workspace.manifest import ScoreManifest

if TYPE_CHECKING:
    from rich.console import RenderableType

    from deshi.benchmark.plan import Plan, PlannedRow, Stage
    from deshi.workspace.manifest import Finished

_MOST_RUNNING = 4
"""Stages at work that are shown by name; the rest are counted."""
_BESIDE_TABLE = 5
"""Lines that the table's headings and the line of the whole run take."""


@dataclass
class _Running:
    """A stage at work: since when, and how far it is."""

    title: str
    began: float
    done: int = 0
    total: int | None = None


class LiveDisplay(Watcher):
    """A table that fills as rows finish, over one line for the run and one per stage at work.

    It is redrawn in place and never taller than the window, and is gone when the run ends: what
    stays on the screen is the result.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._began = time.monotonic()
        self._plan: Plan | None = None
        self._left: dict[str, int] = {}
        self._spent: dict[str, list[float]] = {}
        self._total = 0
        self._done = 0
        self._running: dict[str, _Running] = {}
        self._values: dict[str, float | None] = {}
        self._console = Console(stderr=True, highlight=False, emoji=False)
        # Live renders once inside its constructor: all that _render reads has to be there before.
        self._live = Live(
            get_renderable=self._render, console=self._console, transient=True, refresh_per_second=8
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def planned(self, plan: Plan, absent: Collection[str]) -> None:
        """Begin to draw, if there is anything to do: what is wrong with a file leaves no blank line."""
        self._total = len(absent)
        for address in absent:
            self._left[_name(address)] = self._left.get(_name(address), 0) + 1
        self._plan = plan
        if absent:
            self._live.start()

    def started(self, stage: Stage) -> None:
        """Show a stage."""
        self._running[stage.address] = _Running(stage.title, time.monotonic())

    def advanced(self, stage: Stage, done: int, total: int | None) -> None:
        """Move a stage's bar."""
        running = self._running.get(stage.address)
        if running is not None:
            running.done, running.total = done, total

    def finished(self, stage: Stage, finished: Finished) -> None:
        """Take a stage off, count it, fill the table."""
        running = self._running.pop(stage.address, None)
        if running is not None:
            self._spent.setdefault(stage.name, []).append(time.monotonic() - running.began)
        if finished.status != "found" and self._left.get(stage.name):
            self._left[stage.name] -= 1
            self._done += 1
        if finished.status in ("failed", "blocked") and stage.name != "score":
            why = f"deshi: {stage.title}: {finished.status}: {finished.reason}"
            self._console.print(visible(why), markup=False)
        if isinstance(finished.manifest, ScoreManifest) and self._plan is not None:
            values = finished.manifest.figures.values
            self._values[stage.address] = values.get(self._plan.metrics[0].label)

    def _render(self) -> RenderableType:
        from rich.console import Group

        if self._plan is None:
            return ""
        everything = list(self._running.values())
        running = everything[:_MOST_RUNNING]
        room = self._console.height - _BESIDE_TABLE - len(running)
        table = [_filling(self._plan, self._values, room)] if room > 0 else []
        return Group(*table, self._overall(), *_at_work(running, len(everything)))

    def _overall(self) -> RenderableType:
        """Return the line of the whole run: how many stages, elapsed time, what may remain."""
        name = self._plan.run_name if self._plan is not None else ""
        elapsed = time.monotonic() - self._began
        left = remaining(self._left, self._spent, elapsed)
        about = f", about {_clock(left)} left" if left is not None else ""
        count = f"{self._done}/{self._total} stages"
        return _line(name, self._done, self._total or 1, f"{count}  {_clock(elapsed)}{about}")


def remaining(
    left: Mapping[str, int], spent: Mapping[str, list[float]], elapsed: float
) -> float | None:
    """Return the seconds that a run may still take; None before anything is known.

    Stages of one name are taken to last alike, those of a name not seen yet as long as the mean of
    all. The ratio of time spent in stages to time elapsed says how many run side by side.
    """
    every = [seconds for several in spent.values() for seconds in several]
    if not every or elapsed <= 0:
        return None
    mean = sum(every) / len(every)
    ahead = sum(
        count * (sum(spent[name]) / len(spent[name]) if spent.get(name) else mean)
        for name, count in left.items()
    )
    return ahead / max(1.0, sum(every) / elapsed)


def _at_work(running: list[_Running], count: int) -> Iterator[RenderableType]:
    for stage in running:
        spent = _clock(time.monotonic() - stage.began)
        counted = f"{stage.done}/{stage.total}  " if stage.total else ""
        yield _line(f"  {stage.title}", stage.done, stage.total, f"{counted}{spent}")
    if count > len(running):
        yield f"  and {count - len(running)} more"


def _line(title: str, done: int, total: int | None, behind: str) -> RenderableType:
    """Return one line: a title, a bar where the length is known, and figures behind it."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0), expand=False)
    grid.add_column(no_wrap=True, overflow="ellipsis", max_width=36, min_width=24)
    grid.add_column(width=16)
    grid.add_column(no_wrap=True)
    bar = ProgressBar(total=total, completed=done, width=16) if total else Text("")
    grid.add_row(Text(title), bar, Text(behind))
    return grid


def _filling(plan: Plan, values: Mapping[str, float | None], room: int) -> RenderableType:
    """Return the rows that have a figure so far, the best first, as many as there is room for."""
    from deshi_tools.tables.table import table_of
    from deshi_tools.tables.terminal import renderable

    metric = plan.metrics[0]
    students = [row for row in plan.rows if row.runs and not row.cell.baseline]
    rows = [found for row in students if (found := _so_far(row, values))]
    rows.sort(key=lambda row: row[1], reverse=metric.direction != "lower")
    shown = [("" if isnan(mean) else f"{mean:.3f}", name, runs) for name, mean, runs in rows[:room]]
    if not shown:
        return ""
    return renderable(table_of("", (f"{metric.label} so far", "row", "seeds"), shown))


def _so_far(row: PlannedRow, values: Mapping[str, float | None]) -> tuple[str, float, str] | None:
    scored = [values[run.score] for run in row.runs if run.score in values]
    known = [value for value in scored if value is not None]
    if not scored:
        return None
    mean = sum(known) / len(known) if known else float("nan")
    return row.id, mean, f"{len(scored)}/{len(row.runs)}"


def _name(address: str) -> str:
    return address.partition("/")[0]


def _clock(seconds: float) -> str:
    """Return a length of time: `7 s`, `2:05` or `1:02:05`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
