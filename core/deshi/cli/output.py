"""Print a table in the format that was asked for; data on stdout is pure, and UTF-8 in any locale."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deshi.cli.formats import FORMATS
from deshi.cli.options import PathType
from deshi.cli.streams import data_stream

if TYPE_CHECKING:
    from rich.console import Console

    from deshi.cli.table import Table

F = TypeVar("F", bound=Callable[..., Any])

_WIDTH_OF_A_PIPE = 160


def format_option(command: F) -> F:
    """Add `--format`; `ascii` is the table for terminals that have no other characters."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "ascii", *FORMATS]),
        default="table",
        show_default=True,
        help="How to print it.",
    )(command)


def wide_option(command: F) -> F:
    """Add `--wide`."""
    return click.option("--wide", is_flag=True, help="Show all columns.")(command)


def notes_option(command: F) -> F:
    """Add `--notes`."""
    return click.option(
        "--notes", is_flag=True, help="Show baselines, tests, legend, notes and signatures too."
    )(command)


def scale_option(command: F) -> F:
    """Add `--scale`."""
    return click.option(
        "--scale", metavar="NAME", help="Run the benchmark's [scale.NAME], such as small."
    )(command)


def set_options(command: F) -> F:
    """Add `--set` and `--registry`."""
    command = click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="PATH=VALUE",
        help="Change a value: benchmark.seeds=3, student.knn.params.k=5. TOML, or a plain string.",
    )(command)
    return click.option(
        "--registry",
        "registries",
        multiple=True,
        type=PathType(),
        metavar="FILE",
        help="A further registry.toml.",
    )(command)


def console() -> Console:
    """Return a console on stdout; where stdout is no terminal, lines may be wide."""
    from rich.console import Console

    plain = Console(highlight=False, emoji=False)
    return (
        plain
        if plain.is_terminal
        else Console(highlight=False, emoji=False, width=_WIDTH_OF_A_PIPE)
    )


def print_table(table: Table, form: str, *, wide: bool = False) -> None:
    """Print a table to stdout: to people, or as data."""
    if form in ("table", "ascii"):
        from deshi.cli.terminal import show

        show(table, console(), wide=wide, ascii_only=form == "ascii")
    else:
        print_data(FORMATS[form](table))


def print_json(content: object, *, indent: int = 1, sort_keys: bool = False) -> None:
    """Print a value to stdout as JSON."""
    print_data(json.dumps(content, ensure_ascii=False, indent=indent, sort_keys=sort_keys) + "\n")


def print_data(text: str) -> None:
    """Print to stdout what programs read; it goes out at once."""
    out = data_stream()
    out.write(text)
    out.flush()
