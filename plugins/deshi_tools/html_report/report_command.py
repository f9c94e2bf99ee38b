"""Write a run as one self-contained HTML file.

`deshi report [RUN] -o FILE`.
"""

from __future__ import annotations

from pathlib import Path

import click

from deshi.cli.options import PathType, workspace_option


@click.command("report")
@click.argument("run", default="latest")
@click.option(
    "-o",
    "--output",
    type=PathType(),
    default=Path("report.html"),
    show_default=True,
    help="Where to write it.",
)
@workspace_option
def command(*, run: str, output: Path, workspace: Path | None) -> None:
    """Write a run's report: one HTML file, which needs no network.

    RUN is a name, a prefix, or `latest`. What garbage collection has removed is missing in it, and
    it says so.
    """
    from deshi.registry import Registry
    from deshi.runs.saved_run import SavedRun
    from deshi.workspace.workspace import Workspace
    from deshi_tools.html_report.page.record import page_record
    from deshi_tools.html_report.page.render import render

    space = Workspace.at(workspace)
    record, texts = page_record(SavedRun(space, run, Registry(Path())))
    _write(output, render(record, texts))
    for line in record["missing"]:
        click.echo(f"deshi: without the predictions of {line}", err=True)
    size = output.stat().st_size / 1e6
    click.echo(f"{output}: {len(record['rows'])} rows, {size:.1f} MB")


def _write(path: Path, page: str) -> None:
    from deshi.api import UsageError

    try:
        path.write_text(page, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}",
            where=str(path),
            fix="name another file with -o",
        ) from None
