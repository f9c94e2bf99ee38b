"""How a run is printed: the short view of a terminal, or the whole table, in any format."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deshi_tools.tables.output import console, print_json, print_table

if TYPE_CHECKING:
    from deshi.results import Results
    from deshi.workspace.workspace import Workspace
    from deshi_tools.comparison_table.example_texts import Examples
    from deshi_tools.results_view.results_view import ResultsView

_SENTENCE = "今日のライブ最高だった！"
_FOR_TEXT = ("markdown", "latex")
"""Formats that go into a page of somebody: the short columns, unless all are asked for."""


@dataclass(frozen=True)
class View:
    """What of a run is asked for. `against` names the row that differences are to."""

    form: str = "table"
    wide: bool = False
    notes: bool = False
    against: str | None = None

    @property
    def is_short(self) -> bool:
        """Whether the short view is enough."""
        return not (self.wide or self.notes or self.against is not None)


def show_end_of_run(
    space: Workspace, results: Results, *, form: str, wide: bool, notes: bool
) -> None:
    """Print what a run leaves on the screen: the view `end-of-run`."""
    show_run(space, results, View(form=form, wide=wide, notes=notes))


def show_run(space: Workspace, results: Results, view: View) -> None:
    """Print results: the whole record as JSON, or a table."""
    from deshi_tools.comparison_table.comparison_table import comparison_table
    from deshi_tools.results_view.results_view import ResultsView

    if view.form == "json":
        print_json(results.to_json(), sort_keys=True)
    elif view.is_short and view.form in ("table", "ascii"):
        _show_short(space, results, ascii_only=view.form == "ascii")
    elif view.is_short and view.form in _FOR_TEXT:
        from deshi_tools.comparison_table.end_of_run import alarms
        from deshi_tools.comparison_table.short_table import short_table

        table = short_table(ResultsView(results))
        notes = (*table.notes, *(line for line, _ in alarms(results)))
        print_table(replace(table, notes=notes), view.form)
    else:
        table = comparison_table(ResultsView(results, view.against))
        if log := _log(space, results):
            table = replace(table, notes=(*table.notes, f"tracebacks: {log}"))
        print_table(table, view.form, wide=view.wide)


def _show_short(space: Workspace, results: Results, *, ascii_only: bool) -> None:
    from deshi_tools.comparison_table.end_of_run import show_end
    from deshi_tools.results_view.results_view import ResultsView

    view = ResultsView(results)
    examples = _examples(space, results)
    steps = f"next: {' · '.join(_next_steps(space, view, examples))}"
    log = _log(space, results)
    show_end(view, console(), examples, steps, log=log, ascii_only=ascii_only)


def _log(space: Workspace, results: Results) -> str:
    """Return the file with the tracebacks of what failed in a run; empty where nothing did."""
    file = space.failures(results.run)
    return os.path.relpath(file) if results.failed and file.exists() else ""


def _next_steps(space: Workspace, view: ResultsView, examples: Examples | None) -> Iterator[str]:
    """Yield commands that work as they are printed, for this run in this workspace."""
    from deshi.workspace.workspace import Workspace

    name, results = command_name(), view.results
    run = "latest" if space.find("latest") == results.run else results.run
    usual = Workspace.beside(Path()).root.resolve() == space.root.resolve()
    where = "" if usual else f" --workspace {shlex.quote(os.path.relpath(space.root))}"
    if examples is not None:
        yield f'{name} predict {run}/{_place(view, examples.rows[0])} "{_SENTENCE}"{where}'
    which = "" if run == "latest" else f" {run}"
    yield f"{name} report{which}{where}"
    yield f"{name} show{which} --notes{where}"


def _place(view: ResultsView, row_id: str) -> str:
    """Return the shortest name of a row that `predict` takes: without its teacher where that will do."""
    from deshi.api import UsageError

    name = row_id.partition("/")[2]
    with contextlib.suppress(UsageError):
        if view.row(name).id == row_id:
            return name
    return row_id


def _examples(space: Workspace, results: Results) -> Examples | None:
    from deshi.registry import Registry
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.comparison_table.example_texts import examples_of

    return examples_of(SavedRun(space, results.run, Registry(Path())))


def command_name() -> str:
    """Return how deshi is called here: by its name where that is on the path."""
    called = Path(sys.argv[0])
    if shutil.which("deshi") or called.name != "deshi":
        return "deshi"
    return str(called)
