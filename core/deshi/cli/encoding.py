"""Spell a text with the characters that a terminal can print: ASCII at the least."""

from __future__ import annotations

import unicodedata

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
    return "".join(_spelt(_visible(character), encoding) for character in text)


def prints(text: str, encoding: str) -> bool:
    """Say whether an encoding has all characters of a text; one that is unknown has none."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: what stands behind one is not where it seems to be."""


def _visible(character: str) -> str:
    """Return what steers no terminal: control characters and marks of direction are escaped."""
    if character in "\t\n\r":
        return " "
    if character in _BIDI or unicodedata.category(character) == "Cc":
        return f"\\u{ord(character):04x}"
    return character


def _spelt(character: str, encoding: str) -> str:
    if character.isascii() or prints(character, encoding):
        return character
    return _PLAIN.get(character) or f"<{ord(character):X}>"
