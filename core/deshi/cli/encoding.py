"""Spell a table with the characters that a terminal can print: ASCII at the least."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TypeVar

from deshi.cli.table import Line, Table

T = TypeVar("T")

_PLAIN = {
    "↑": "^",
    "↓": "v",
    "−": "-",
    "–": "-",
    "†": "*",
    "…": "...",
    "≤": "<=",
    "→": "->",
    "·": ".",
    "×": "x",
    "²": "^2",
    "“": '"',
    "”": '"',
    "’": "'",
}


def spell(text: str, encoding: str) -> str:
    """Return a visible text with what the encoding lacks put in other words; emoji as their numbers."""
    return "".join(_spelt(character, encoding) for character in visible(text))


def prints(text: str, encoding: str) -> bool:
    """Say whether an encoding has all characters of a text; one that is unknown has none."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


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


_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: what stands behind one is not where it seems to be."""


def visible(text: str) -> str:
    """Return a text that steers no terminal: control characters and marks of direction are escaped."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\t\n\r":
        return " "
    if character in _BIDI or unicodedata.category(character) == "Cc":
        return f"\\u{ord(character):04x}"
    return character


def _spelt(character: str, encoding: str) -> str:
    if character.isascii() or prints(character, encoding):
        return character
    return _PLAIN.get(character) or f"<{ord(character):X}>"
