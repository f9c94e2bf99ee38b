"""Spell a table with the characters that a terminal can print."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from deshi.cli.encoding import spell
from deshi_tools.tables.table import Line, Table

T = TypeVar("T")


def spell_table(table: Table, encoding: str) -> Table:
    """Return a table whose every text the encoding has."""

    def spelt(value: T) -> T | str:
        return spell(value, encoding) if isinstance(value, str) else value

    def all_spelt(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(spell(text, encoding) for text in texts)

    columns = tuple(replace(one, name=spell(one.name, encoding)) for one in table.columns)
    lines = tuple(
        Line(tuple(spelt(v) for v in line.values), line.style, spell(line.section, encoding))
        for line in table.lines
    )
    return Table(
        title=spell(table.title, encoding),
        columns=columns,
        lines=lines,
        notes=all_spelt(table.notes),
        summary=all_spelt(table.summary),
        caption=spell(table.caption, encoding),
    )
