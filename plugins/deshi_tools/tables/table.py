"""The record that every table of deshi is, whatever it is rendered to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Style: TypeAlias = Literal["", "bold", "dim", "red", "yellow", "green"]


@dataclass(frozen=True)
class Column:
    """A column. `wide` columns are left out of a terminal table unless it is asked for whole.

    The text of a `fixed` column is never broken; where such columns find no room, the last go. The
    numbers of a `signed` one carry their sign.
    """

    name: str
    align: Literal["left", "right"] = "left"
    wide: bool = False
    fixed: bool = False
    decimals: int | None = None
    signed: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a table: a value a column. `section` starts a new part with a heading."""

    values: tuple[Scalar, ...]
    style: Style = ""
    section: str = ""


@dataclass(frozen=True)
class Table:
    """A title, columns and lines; under them what they say in words, the legend, and notes."""

    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    caption: str = ""

    def shown(self, *, wide: bool) -> Table:
        """Return the table without its wide columns, or whole."""
        if wide:
            return self
        return self.only([i for i, column in enumerate(self.columns) if not column.wide])

    def only(self, keep: Sequence[int]) -> Table:
        """Return the table with the columns at these places."""
        return replace(
            self,
            columns=tuple(self.columns[i] for i in keep),
            lines=tuple(
                replace(line, values=tuple(line.values[i] for i in keep)) for line in self.lines
            ),
        )

    def under(self) -> tuple[str, ...]:
        """Return all that stands under the table, in order."""
        return (*self.summary, *((self.caption,) if self.caption else ()), *self.notes)

    def text(self, line: Line) -> tuple[str, ...]:
        """Return a line's values as text."""
        return tuple(
            plain(value, column.decimals, signed=column.signed)
            for value, column in zip(line.values, self.columns, strict=True)
        )


def plain(value: Scalar, decimals: int | None = None, *, signed: bool = False) -> str:
    """Return a value as text: nothing for None, `yes` and `no`, numbers with their decimals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and decimals is not None:
        return f"{value:{'+' if signed else ''}.{decimals}f}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def records(table: Table) -> list[dict[str, Scalar]]:
    """Return a table as one record a line, keyed by column name, with its section where it has one."""
    names = [column.name for column in table.columns]
    found: list[dict[str, Scalar]] = []
    section = ""
    for line in table.lines:
        section = line.section or section
        record: dict[str, Scalar] = {"section": section} if section else {}
        found.append(record | dict(zip(names, line.values, strict=True)))
    return found


def table_of(
    title: str, columns: Sequence[str], lines: Sequence[Sequence[Scalar]], *notes: str
) -> Table:
    """Return a plain table: left-aligned columns, unstyled lines."""
    return Table(
        title=title,
        columns=tuple(Column(name) for name in columns),
        lines=tuple(Line(tuple(line)) for line in lines),
        notes=notes,
    )
