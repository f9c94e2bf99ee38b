"""Show what replacing one teacher by another changes.

`deshi migrate [RUN] --from A --to B`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import format_option, wide_option, workspace_option
from deshi_tools.tables.output import print_json, print_table

if TYPE_CHECKING:
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.migration.record import TeacherComparison

_PARTS = (
    "decision",
    "agreement",
    "shift",
    "emoji",
    "rates",
    "cost",
    "cross",
    "transfer",
    "lengths",
    "terms",
)


@click.command("migrate")
@click.argument("run", default="latest")
@click.option("--from", "old", help="The old teacher; by default that of [migration].")
@click.option("--to", "new", help="The new teacher; by default that of [migration].")
@click.option(
    "--only",
    multiple=True,
    metavar="AXIS=LABEL",
    help="Choose among several corpora, chains, rewriters or sizes; may be repeated.",
)
@click.option("--part", type=click.Choice(_PARTS), help="Show only this part.")
@workspace_option
@wide_option
@format_option
def command(
    *,
    run: str,
    old: str | None,
    new: str | None,
    only: tuple[str, ...],
    part: str | None,
    workspace: Path | None,
    wide: bool,
    form: str,
) -> None:
    """Show what replacing one teacher by another changes.

    Both must have labelled the same texts in that run: name them on the axis `teacher`. How far they
    agree, beside how far each agrees with itself; what shifted; what went wrong; what students make of
    it; and the answer to the rule in [migration.accept] of the benchmark file. With --format json all
    of it comes as one record; csv, markdown and latex take one --part.
    """
    from deshi.registry import Registry
    from deshi.runs.saved_run import SavedRun
    from deshi.workspace.workspace import Workspace
    from deshi_tools.migration.compare_teachers import migration

    registry = Registry(Path())
    space = Workspace.at(workspace)
    saved = SavedRun(space, run, registry)
    found = migration(saved, registry, *_teachers(saved, old, new), _chosen(only))
    _show(found, part, form, wide=wide)


def _chosen(only: tuple[str, ...]) -> dict[str, str]:
    """Return the labels that were chosen, by axis."""
    from deshi.api import UsageError, nearest
    from deshi_tools.migration.labelled_data import CONTEXT

    chosen = {}
    for one in only:
        axis, sign, label = one.partition("=")
        if axis not in CONTEXT or not sign:
            raise UsageError(
                f"'{one}' is not AXIS=LABEL",
                where="--only",
                fix=nearest(axis, CONTEXT) if sign else "write --only corpus=sample",
            )
        # A size may be written as the benchmark file does.
        chosen[axis] = f"n{label}" if axis == "train" and label.isdecimal() else label
    return chosen


def _teachers(run: SavedRun, old: str | None, new: str | None) -> tuple[str, str]:
    """Return who goes and who comes, as the command line says or the benchmark file planned."""
    from deshi.api import UsageError

    planned = run.results.benchmark.get("migration", {})
    names = old or planned.get("from"), new or planned.get("to")
    for option, name in zip(("--from", "--to"), names, strict=True):
        if name is None:
            raise UsageError(
                "does not name a teacher", where=option, fix=f"add {option} TEACHER, or [migration]"
            )
    return names


def _show(found: TeacherComparison, part: str | None, form: str, *, wide: bool) -> None:
    import msgspec

    from deshi.api import UsageError
    from deshi_tools.migration.tables import sentences, tables

    if form == "json" and part is None:
        print_json(msgspec.to_builtins(found))
        return
    every = tables(found)
    if form not in ("table", "ascii") and part is None:
        raise UsageError("is one table", where=f"--format {form}", fix="name one with --part")
    if part is not None and part not in every:
        raise UsageError("is empty for this run", where=f"--part {part}")
    if part is None:
        click.echo("\n".join(sentences(found)))
        click.echo()
    for table in (every[part],) if part else every.values():
        print_table(table, form, wide=wide)
        if part is None:
            click.echo()
