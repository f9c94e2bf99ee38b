"""`deshi show [RUN]`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.commands.run_command import show_results
from deshi.cli.output import format_option, print_table, wide_option

if TYPE_CHECKING:
    from deshi.execute.workspace import Workspace
    from deshi.report.table import Table


@click.command("show")
@click.argument("run", default="latest")
@click.option("--workspace", type=click.Path(path_type=Path), help="Instead of .deshi/.")
@click.option("--dropped", is_flag=True, help="What was dropped, by filter and reason.")
@click.option("--against", metavar="ROW", help="Show differences to this row, not the constant.")
@click.option("--emoji", is_flag=True, help="Precision, recall and F1 of each emoji.")
@click.option("--row", help="With --emoji: of this row alone.")
@click.option("--runs", is_flag=True, help="List the runs of the workspace.")
@wide_option
@format_option
def command(
    *,
    run: str,
    workspace: Path | None,
    dropped: bool,
    against: str | None,
    emoji: bool,
    row: str | None,
    runs: bool,
    wide: bool,
    form: str,
) -> None:
    """Show the table of a run again; RUN is a name, a prefix, or `latest`."""
    from deshi.api import UsageError
    from deshi.evaluate.results import Results
    from deshi.execute.workspace import Workspace
    from deshi.report.dropped import dropped_table
    from deshi.report.table import table_of

    space = Workspace(workspace) if workspace else Workspace.beside(Path())
    if runs:
        found = [(name, len(space.results(name)["rows"])) for name in space.runs()]
        print_table(table_of("Runs, the latest first", ("run", "rows"), found), form)
        return
    if row and not emoji:
        raise UsageError(
            "says nothing without --emoji", where="--row", mend="the table shows every row"
        )
    content = space.results(run)
    if emoji:
        print_table(_each_emoji(space, run, row), form, wide=wide)
    elif dropped:
        print_table(dropped_table(Results.from_json(content)), form)
    else:
        show_results(content, form, wide=wide, against=against)


def _each_emoji(space: Workspace, run: str, row: str | None) -> Table:
    """Return the table of every emoji of one row, or of all that have answers of their own."""
    from deshi.evaluate.claims import find_row
    from deshi.evaluate.per_emoji import per_emoji
    from deshi.execute.reading import SavedRun
    from deshi.registry import Registry
    from deshi.report.emoji_rows import emoji_table

    saved = SavedRun(space, run, Registry(Path()))
    wanted = [find_row(row, list(saved.rows), "--row")] if row else list(saved.rows)
    figures = {
        name: per_emoji(saved.answers(one), saved.judged(one).expected)
        for name, one in saved.rows.items()
        if name in wanted
    }
    return emoji_table(saved.name, figures)
