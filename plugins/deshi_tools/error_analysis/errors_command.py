"""Show the errors of a row: tags, slices, texts.

`deshi errors [RUN] [--row ROW] [--against ROW]`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deshi.cli.options import PathType, format_option, wide_option, workspace_option
from deshi_tools.tables.output import print_json, print_table

if TYPE_CHECKING:
    from deshi_tools.error_analysis.mistakes import Mistakes

_PARTS = ("tags", "slices", "worst", "best", "against", "documents", "texts")


@click.command("errors")
@click.argument("run", default="latest")
@click.option("--row", help="Whose errors; by default the first row that is not a baseline.")
@click.option("--against", metavar="ROW", help="Also show the texts on which this row differs.")
@click.option("--metric", help="How texts are scored; by default the run's first metric.")
@click.option("--part", "part", type=click.Choice(_PARTS), help="Show only this part.")
@click.option(
    "--texts", type=click.IntRange(0), default=10, show_default=True, help="Number of texts."
)
@click.option("--tags", type=PathType(), help="Tags assigned by hand: JSON Lines.")
@click.option("--export", type=PathType(), help="Write the tags to a file for correction.")
@workspace_option
@wide_option
@format_option
def command(
    *,
    run: str,
    part: str | None,
    texts: int,
    export: Path | None,
    workspace: Path | None,
    wide: bool,
    form: str,
    **asked: Any,  # noqa: ANN401
) -> None:
    """Show what a row gets wrong: tags, parts of the test set, the worst and the best texts.

    With --format json all that was found comes as one record; csv, markdown and latex take one part,
    by default every text. --export writes a file with one line a text, `id` and `tags`; a person edits
    the tags, and --tags reads them back. A text that the file leaves out keeps its automatic tags.
    """
    from deshi.registry import Registry
    from deshi.runs.finished_run import FinishedRun
    from deshi.runs.saved_run import SavedRun
    from deshi.workspace.workspace import Workspace
    from deshi_tools.error_analysis.analyse_row import mistakes
    from deshi_tools.error_analysis.tag_file import write_tags

    _check(part, asked["against"])
    space = Workspace.at(workspace)
    saved = SavedRun(space, run, Registry(Path()))
    for name in ("row", "against"):
        if asked[name]:
            row = FinishedRun(saved).saved_row(asked[name], where=f"--{name}")
            asked[name] = row.result.id
    found = mistakes(saved, **asked)
    if export is not None:
        write_tags(export, found.texts)
        click.echo(f"wrote the tags of {len(found.texts)} texts to {export}", err=True)
    _show(found, part, texts, form, wide=wide)


def _check(part: str | None, against: str | None) -> None:
    from deshi.api import UsageError

    if part == "against" and against is None:
        raise UsageError("names no other row", where="--part against", fix="add --against ROW")


def _show(found: Mistakes, part: str | None, texts: int, form: str, *, wide: bool) -> None:
    import msgspec

    from deshi_tools.error_analysis.tables import SUMMARY, part_table

    if form == "json" and part is None:
        print_json(msgspec.to_builtins(found))
        return
    whole = (*SUMMARY, *(("against",) if found.against else ())) if form == "table" else ("texts",)
    for at, name in enumerate((part,) if part else whole):
        if at:
            click.echo()
        print_table(part_table(found, name, texts), form, wide=wide)
