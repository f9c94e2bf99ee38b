"""Remove artefacts that no run uses; paid answers are kept.

`deshi gc`.
"""

from __future__ import annotations

from pathlib import Path

import click

from deshi.cli.options import format_option, workspace_option
from deshi_tools.tables.output import print_table


@click.command("gc")
@workspace_option
@click.option("--keep", type=click.IntRange(0), help="Keep only the latest N runs.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@format_option
def command(*, workspace: Path | None, keep: int | None, dry_run: bool, form: str) -> None:
    """Remove artefacts that no run names; answers of teachers are never removed."""
    from deshi.workspace.workspace import Workspace
    from deshi_tools.tables.table import table_of
    from deshi_tools.workspace_view.garbage import collect

    space = Workspace.at(workspace)
    removed = collect(space, keep=keep, dry_run=dry_run)
    total = sum(size for _, size in removed)
    did = "would be removed" if dry_run else "removed"
    title = f"{len(removed)} artefacts {did}, {total / 1e6:.1f} MB"
    print_table(table_of(title, ("artefact", "bytes"), removed), form)
