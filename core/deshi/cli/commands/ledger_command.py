"""`deshi ledger`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from deshi.cli.output import format_option, print_table

if TYPE_CHECKING:
    from deshi.execute.ledger.reading import Spending
    from deshi.report.table import Line, Table

_workspace_option = click.option(
    "--workspace", type=click.Path(path_type=Path), help="Instead of .deshi/."
)


@click.group("ledger", invoke_without_command=True)
@_workspace_option
@format_option
@click.pass_context
def command(ctx: click.Context, *, workspace: Path | None, form: str) -> None:
    """Show what teachers cost, by teacher, model and run, and what failed."""
    root = _root(workspace)
    if ctx.invoked_subcommand is None:
        print_table(ledger_table(root), form)
    else:
        ctx.obj = root


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def export(ctx: click.Context, *, file: Path) -> None:
    """Write every answer to FILE as JSON Lines; - is stdout."""
    from deshi.execute.ledger.transfer import export_answers

    written = 0
    with _whole(file) as out:
        for line in export_answers(ctx.obj):
            out.write(f"{line}\n")
            written += 1
    sys.stderr.write(f"deshi: {written} answers written\n")


@contextmanager
def _whole(file: Path) -> Iterator[IO[str]]:
    """Open a file to write that takes its name once it is whole: what was there is not lost before."""
    if str(file) == "-":
        with click.open_file("-", "w", encoding="utf-8") as out:
            yield out
        return
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            yield out
        part.replace(file)
    except OSError as error:
        from deshi.api import UsageError

        raise UsageError(f"cannot be written: {error.strerror}", where=str(file)) from None
    finally:
        part.unlink(missing_ok=True)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def take_up(ctx: click.Context, *, file: Path) -> None:
    """Take up the answers of FILE; those that are there already stay."""
    from deshi.execute.ledger.transfer import import_answers

    new, there = import_answers(ctx.obj, file)
    sys.stderr.write(f"deshi: {new} answers taken up, {there} were there\n")


def ledger_table(root: Path) -> Table:
    """Return the books: spending by teacher, model and run, and attempts in vain by outcome."""
    from deshi.execute.ledger.reading import spending
    from deshi.report.table import Column, Table

    found = list(spending(root))
    names = ("answers", "attempts", "failed", "USD", "in flight", "limit", "reused", "saved, USD")
    columns = (Column("by"), Column("name"), *(Column(name, "right") for name in names))
    spent = sum(one.spent for one in found if one.kind == "teacher")
    return Table(
        title=f"Ledger: {_usd(spent)} USD spent",
        columns=columns,
        lines=tuple(_line(one) for one in found),
        notes=(
            "attempts: tries at teachers that are far away; failed: those without a usable answer.",
            "in flight: reserved at the worst case, now or when a process died; the next run books it.",
            "saved: what reused answers had cost.",
        ),
    )


def _line(one: Spending) -> Line:
    from deshi.report.table import Line

    values = (
        one.kind,
        one.name,
        one.answers,
        one.attempts,
        one.failed,
        _usd(one.spent),
        _usd(one.reserved) if one.reserved else None,
        _usd(one.cap) if one.cap is not None else None,
        one.reused or None,
        _usd(one.saved) if one.saved else None,
    )
    return Line(values)


def _usd(amount: int) -> str:
    from deshi.execute.calls.settings import NANO
    from deshi.report.columns import usd

    return usd(amount / NANO)


def _root(workspace: Path | None) -> Path:
    from deshi.execute.workspace import Workspace

    return workspace if workspace is not None else Workspace.beside(Path()).root
