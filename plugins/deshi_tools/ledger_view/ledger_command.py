"""Show costs and failures; export and import answers.

`deshi ledger`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from deshi.cli.options import PathType, format_option, wide_option, workspace_option
from deshi_tools.tables.file_output import open_output
from deshi_tools.tables.output import data_stream, print_table

if TYPE_CHECKING:
    from deshi_tools.ledger_view.spending import Spending
    from deshi_tools.tables.table import Line, Table


@click.group("ledger", invoke_without_command=True)
@workspace_option
@wide_option
@format_option
@click.pass_context
def command(ctx: click.Context, *, workspace: Path | None, wide: bool, form: str) -> None:
    """Show what teachers cost, by teacher, model and run, and what failed."""
    if ctx.invoked_subcommand is None:
        print_table(ledger_table(_root(workspace)), form, wide=wide)
    else:
        ctx.obj = workspace


@command.command("export")
@click.argument("file", type=PathType(dir_okay=False))
@workspace_option
@click.pass_obj
def export(before: Path | None, *, file: Path, workspace: Path | None) -> None:
    """Write every answer that can be read to FILE as JSON Lines; - is stdout."""
    from deshi_tools.ledger_view.transfer import export_answers
    from deshi_tools.tables.atomic_file import whole

    lost: Counter[str] = Counter()
    answers = export_answers(_root(workspace or before), lost)
    if str(file) == "-":
        written = _write(answers, data_stream())
    else:
        with whole(file) as aside, open_output(aside, file) as out:
            written = _write(answers, out)
    sys.stderr.write(f"deshi: {written} answers written\n")
    for line in told(lost):
        sys.stderr.write(f"deshi: {line}\n")


def told(damaged: Mapping[str, int]) -> Iterator[str]:
    """Yield what is damaged of a ledger, by teacher."""
    for entry, answers in sorted(damaged.items()):
        if entry:
            yield f"{answers} answers of '{entry}' are damaged"
        else:
            yield f"the ledger's file is damaged at {answers} places: answers may be missing"


@command.command("repair")
@workspace_option
@click.pass_obj
def make_anew(before: Path | None, *, workspace: Path | None) -> None:
    """Drop damaged answers, which the next run asks for again; the damaged ledger is kept."""
    from deshi_tools.ledger_view.repair import repair

    answers, kept = repair(_root(workspace or before))
    sys.stderr.write(f"deshi: a ledger with {answers} answers was made; the old one is in {kept}\n")


def _write(answers: Iterator[str], out: IO[str]) -> int:
    written = 0
    for written, line in enumerate(answers, 1):  # noqa: B007
        out.write(f"{line}\n")
    return written


@command.command("import")
@click.argument("file", type=PathType(dir_okay=False))
@workspace_option
@click.pass_obj
def take_up(before: Path | None, *, file: Path, workspace: Path | None) -> None:
    """Take up the answers of FILE; those that are there already stay."""
    from deshi_tools.ledger_view.transfer import import_answers

    new, there = import_answers(_root(workspace or before), file)
    sys.stderr.write(f"deshi: {new} answers imported, {there} already present\n")


def ledger_table(root: Path) -> Table:
    """Return the books: spending by teacher, model and run, and attempts in vain by outcome."""
    from deshi_tools.ledger_view.spending import spending
    from deshi_tools.tables.table import Column, Table

    found = list(spending(root))
    names = ("answers", "attempts", "failed", "USD", "in flight", "limit", "reused", "saved, USD")
    numbers = (Column(name, "right", fixed=True) for name in names)
    columns = (Column("by", fixed=True), Column("name", fixed=True), *numbers)
    spent = sum(one.spent for one in found if one.kind == "teacher")
    return Table(
        title=f"Ledger: {_usd(spent)} USD spent",
        columns=columns,
        lines=tuple(_line(one) for one in found),
        notes=(
            "attempts: calls to remote teachers; failed: those without a usable answer.",
            "in flight: reserved at the worst case, now or when a process died; booked by the next run.",
            "saved: the cost of reused answers.",
        ),
    )


def _line(one: Spending) -> Line:
    from deshi_tools.tables.table import Line

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
    from deshi.labelling.ledger.transitions import NANO
    from deshi_tools.tables.numbers import usd

    return usd(amount / NANO)


def _root(workspace: Path | None) -> Path:
    from deshi.workspace.workspace import Workspace

    return Workspace.at(workspace).root
