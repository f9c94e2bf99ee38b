"""Spell a text with the characters that a terminal can print: ASCII at the least."""

from __future__ import annotations

import re
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


def visible(text: str) -> str:
    """Return a text of lines in which nothing steers a terminal: such characters are escaped."""
    return "\n".join("".join(map(_visible, line)) for line in text.split("\n"))


def harmless(text: str) -> str:
    """Return output for a terminal: colours and the cursor may be moved, all else is escaped.

    What deshi prints of texts is `visible` where it is printed. This is the last gate, for whatever
    took another way: titles, queries, clearing and switching of a screen do not pass.
    """
    return _STEERING.sub(lambda found: _visible(found[0]), text)


_STEERING = re.compile(
    "\x1b(?!\\[[0-9;?]*[mABCDGKhl]|[78])"
    "|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
    "|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Control characters and marks of direction, but for those that rich and click write themselves."""
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
