"""Show the table of a run.

`deshi show [RUN]`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deshi.cli.options import PathType, format_option, notes_option, wide_option, workspace_option
from deshi_tools.comparison_table.run_view import View, show_run
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from deshi.workspace.store import Store
    from deshi.workspace.workspace import Workspace
    from deshi_tools.tables.table import Table


@click.command("show")
@click.argument("run", default="latest")
@workspace_option
@click.option("--dropped", is_flag=True, help="What filters dropped and edited, with examples.")
@click.option(
    "--examples",
    type=click.IntRange(0),
    metavar="N",
    help="Texts per reason; 2, or 20 with --filter or --reason.",
)
@click.option("--filter", "filter_name", metavar="NAME", help="With --dropped: only this filter.")
@click.option("--reason", metavar="REASON", help="With --dropped: only this reason.")
@click.option(
    "--export",
    type=PathType(dir_okay=False),
    metavar="FILE",
    help="With --dropped: write all decisions as Parquet.",
)
@click.option(
    "--against",
    metavar="ROW",
    help="Show differences to this row instead of the majority baseline.",
)
@click.option("--emoji", is_flag=True, help="Precision, recall and F1 per emoji.")
@click.option("--row", help="With --emoji: only this row.")
@click.option("--runs", is_flag=True, help="List the runs of the workspace.")
@notes_option
@wide_option
@format_option
def command(*, run: str, workspace: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Show the table of a run again; RUN is a name, a prefix, or `latest`."""
    from deshi.results import Results
    from deshi.workspace.workspace import Workspace
    from deshi_tools.tables.table import table_of

    space = Workspace.at(workspace)
    details = ("examples", "filter_name", "reason", "export")
    if not options["dropped"] and any(options[name] is not None for name in details):
        raise click.UsageError("--examples, --filter, --reason and --export belong to --dropped")
    if options["row"] and not options["emoji"]:
        raise click.UsageError("--row belongs to --emoji; the table shows every row")
    if options["runs"]:
        found = [(name, _rows(space, name)) for name in space.runs()]
        print_table(table_of("Runs, the latest first", ("run", "rows"), found), options["form"])
    elif options["emoji"]:
        print_table(_each_emoji(space, run, options["row"]), options["form"], wide=options["wide"])
    elif options["dropped"]:
        _show_dropped(space.results(run), space.store, options)
    else:
        view = View(options["form"], options["wide"], options["notes"], options["against"])
        show_run(space, Results.from_json(space.results(run), f"run {run}"), view)


def _rows(space: Workspace, run: str) -> int | None:
    """Return how many rows a run has; None, and a line on stderr, if its results cannot be read."""
    from deshi.api import UsageError

    try:
        return len(space.results(run)["rows"])
    except UsageError as error:
        click.echo(f"deshi: {error}", err=True)
        return None


def _show_dropped(content: dict[str, Any], store: Store, options: dict[str, Any]) -> None:
    """Print what was dropped, after it was exported where that was asked for."""
    from deshi.results import Results
    from deshi_tools.comparison_table.decisions import DecisionFilter, export
    from deshi_tools.comparison_table.dropped_table import decisions_table

    results = Results.from_json(content)
    selection = DecisionFilter(options["filter_name"], options["reason"])
    each = options["examples"]
    if each is None:
        each = 2 if selection.everything else 20
    table = decisions_table(results, store, selection, each)
    if options["export"] is not None:
        written = export(store, results.data, selection, options["export"])
        click.echo(f"deshi: {written} decisions written to {options['export']}", err=True)
    print_table(table, options["form"])


def _each_emoji(space: Workspace, run: str, row: str | None) -> Table:
    """Return the table of every emoji of one row, or of all that have answers of their own."""
    from deshi.registry import Registry
    from deshi.runs.finished_run import FinishedRun
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.error_analysis.per_emoji import per_emoji
    from deshi_tools.error_analysis.per_emoji_table import emoji_table

    saved = SavedRun(space, run, Registry(Path()))
    wanted = list(saved.rows)
    if row:
        wanted = [FinishedRun(saved).saved_row(row, where="--row").result.id]
    figures = {
        name: per_emoji(saved.predictions(one), saved.test_set(one).expected)
        for name, one in saved.rows.items()
        if name in wanted
    }
    return emoji_table(saved.name, figures)
