"""Show which emoji a row predicts in place of which."""

from __future__ import annotations

from pathlib import Path

import click

from deshi.cli.options import format_option, workspace_option
from deshi_tools.tables.output import print_table


@click.command("confusions")
@click.argument("run", default="latest")
@click.option("--row", metavar="ROW", help="The row; the first that is no baseline if left out.")
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, help="Pairs shown.")
@workspace_option
@format_option
def command(*, run: str, row: str | None, top: int, workspace: Path | None, form: str) -> None:
    """Show which emoji a row predicts in place of which; RUN is a name, a prefix, or `latest`.

    Example: deshi confusions latest --row knn --top 5
    """
    import deshi
    from deshi_confusions.confusions import confusions
    from deshi_tools.tables.table import table_of

    finished = deshi.open_run(run, workspace=workspace)
    pairs = confusions(finished.gold(row), finished.predictions(row))
    title = f"{finished.name}: first emoji predicted in place of the gold's"
    print_table(table_of(title, ("gold", "predicted", "texts"), pairs[:top]), form)
