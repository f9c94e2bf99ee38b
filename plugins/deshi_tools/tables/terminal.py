"""Render a table for a terminal, by rich."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group
from rich.table import Table as RichTable
from rich.text import Text

from deshi_tools.tables.spelling import spell_table
from deshi_tools.tables.table import Line, Table

if TYPE_CHECKING:
    from rich.console import RenderableType


_RULE = box.SIMPLE_HEAD
_PLAIN_RULE = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
"""A line under the head and nothing else: SIMPLE_HEAD in ASCII."""
_GAP = 2
"""Cells between two columns: a padding and a divider."""


def show(table: Table, console: Console, *, wide: bool = False, ascii_only: bool = False) -> None:
    """Print a table; a section is a heading of its own over the lines that follow.

    What the console's encoding lacks is spelt in other characters.
    """
    encoding = "ascii" if ascii_only else console.encoding
    table = spell_table(table, encoding)
    rule = _rule(encoding)
    shown = table.shown(wide=wide)
    if not wide:
        console.print(renderable(_fitting(shown, console.width), rule=rule))
        return
    if any(column.fixed for column in shown.columns):  # whole, if need be beyond the window's edge
        widths = _widths(shown)
        console.width = max(console.width, _total(widths, range(len(widths))) + 2)
    console.print(renderable(table, wide=True, rule=rule), crop=False)


def renderable(table: Table, *, wide: bool = False, rule: box.Box | None = None) -> RenderableType:
    """Return what rich prints: the title, a grid for each section under its heading, the notes."""
    shown = table.shown(wide=wide)
    widths = _widths(shown)
    parts: list[RenderableType] = [Text(shown.title, style="bold")] if shown.title else []
    for at, (heading, lines) in enumerate(_sections(shown)):
        if heading:
            parts += [Text(""), Text(heading, style="italic")]
        parts.append(_grid(shown, lines, widths, header=at == 0, rule=rule or _RULE))
    if shown.under():
        parts.append(Text(""))
    parts += [Text(sentence) for sentence in shown.summary]
    parts += [Text(note, style="dim") for note in (shown.caption, *shown.notes) if note]
    return Group(*parts)


def rendered_grids(table: Table, width: int, encoding: str) -> RenderableType:
    """Return a table's sections, without the columns that find no room, which a line names."""
    return renderable(_fitting(table, width), rule=_rule(encoding))


def _rule(encoding: str) -> box.Box:
    """Only UTF-8 is sure of a line's width: where cp932 has one, terminals show it two cells wide."""
    return _RULE if encoding.startswith("utf") else _PLAIN_RULE


def _fitting(table: Table, room: int) -> Table:
    """Leave out the last fixed columns that find no room, and say so."""
    widths = _widths(table)
    keep = list(range(len(table.columns)))
    while len(keep) > 2 and table.columns[keep[-1]].fixed and _total(widths, keep) > room:
        keep.pop()
    if len(keep) == len(table.columns):
        return table
    gone = ", ".join(column.name for column in table.columns[len(keep) :])
    narrowed = table.only(keep)
    return replace(narrowed, notes=(*narrowed.notes, f"No room for: {gone}. --wide shows all."))


def _total(widths: Sequence[int], keep: Sequence[int]) -> int:
    return sum(widths[at] for at in keep) + _GAP * (len(keep) - 1)


def _sections(table: Table) -> list[tuple[str, list[Line]]]:
    sections: list[tuple[str, list[Line]]] = []
    for line in table.lines:
        if line.section or not sections:
            sections.append((line.section, []))
        sections[-1][1].append(line)
    return sections or [("", [])]


def _grid(
    table: Table, lines: list[Line], widths: list[int], *, header: bool, rule: box.Box
) -> RichTable:
    """Return one section as a grid; equal widths let the columns of all sections stand in line."""
    several = any(line.section for line in table.lines)
    grid = RichTable(
        box=rule,
        safe_box=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        show_header=header or several,
    )
    for column, width in zip(table.columns, widths, strict=True):
        grid.add_column(
            Text(column.name),
            justify=column.align,
            no_wrap=column.align == "right" or column.fixed,
            min_width=width if several or column.fixed else None,
            overflow="fold",
        )
    for line in lines:
        grid.add_row(*(Text(text, style=line.style) for text in table.text(line)))
    return grid


def _widths(table: Table) -> list[int]:
    """Return the cells that each column needs; emoji and kana count two."""
    rows = [[column.name for column in table.columns], *map(table.text, table.lines)]
    return [min(40, max(cell_len(row[at]) for row in rows)) for at in range(len(table.columns))]
