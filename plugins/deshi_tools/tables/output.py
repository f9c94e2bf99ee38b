"""Print a table in the format that was asked for; data on stdout is pure, and UTF-8 in any locale."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, TextIO

from deshi.cli.encoding import visible
from deshi_tools.tables.formats import FORMATS

if TYPE_CHECKING:
    from rich.console import Console

    from deshi_tools.tables.table import Table

_WIDTH_OF_A_PIPE = 160


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
        from deshi_tools.tables.terminal import show

        show(table, console(), wide=wide, ascii_only=form == "ascii")
    else:
        print_data(FORMATS[form](table))


def print_json(content: object, *, indent: int = 1, sort_keys: bool = False) -> None:
    """Print a value to stdout as JSON."""
    print_data(json.dumps(content, ensure_ascii=False, indent=indent, sort_keys=sort_keys) + "\n")


def print_data(text: str) -> None:
    """Print to stdout what programs read; it goes out at once."""
    out = data_stream()
    out.write(visible(text) if out.isatty() else text)
    out.flush()


def data_stream() -> TextIO:
    """Return stdout for what programs read: UTF-8, unless it goes to a terminal.

    A lone surrogate, of which UTF-8 has none, is escaped as JSON does it.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    return sys.stdout
