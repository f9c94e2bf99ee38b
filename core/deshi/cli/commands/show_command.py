"""`deshi show [RUN]`."""

from __future__ import annotations

from pathlib import Path

import click

from deshi.cli.commands.run_command import show_results
from deshi.cli.output import format_option, print_table, wide_option


@click.command("show")
@click.argument("run", default="latest")
@click.option("--workspace", type=click.Path(path_type=Path), help="Instead of .deshi/.")
@click.option("--dropped", is_flag=True, help="What was dropped, by filter and reason.")
@click.option("--against", metavar="ROW", help="Show differences to this row, not the constant.")
@click.option("--runs", is_flag=True, help="List the runs of the workspace.")
@wide_option
@format_option
def command(
    *,
    run: str,
    workspace: Path | None,
    dropped: bool,
    against: str | None,
    runs: bool,
    wide: bool,
    form: str,
) -> None:
    """Show the table of a run again; RUN is a name, a prefix, or `latest`."""
    from deshi.evaluate.results import Results
    from deshi.execute.workspace import Workspace
    from deshi.report.dropped import dropped_table
    from deshi.report.table import table_of

    space = Workspace(workspace) if workspace else Workspace.beside(Path())
    if runs:
        found = [(name, len(space.results(name)["rows"])) for name in space.runs()]
        print_table(table_of("Runs, the latest first", ("run", "rows"), found), form)
        return
    content = space.results(run)
    if dropped:
        print_table(dropped_table(Results.from_json(content)), form)
    else:
        show_results(content, form, wide=wide, against=against)
