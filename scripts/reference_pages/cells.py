"""What all pages use: their beginnings, and types, defaults and texts as cells of tables."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

NOTE = "<!-- written by scripts/reference.py: change the code, then run it again -->\n"


def head(title: str, text: str) -> Iterator[str]:
    """Yield the beginning of a page."""
    yield f"{NOTE}\n# {title}\n\n{text}\n"


def signature(name: str, function: Any) -> str:
    """Return a function's signature as it is written."""
    return f"def {name}{inspect.signature(function)}".replace("'", "")


def typed(kind: Any) -> str:
    """Return a type as a table cell."""
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    text = re.sub(
        r"\b(?:typing|collections\.abc|deshi(?:_plugins)?[\w.]*|pathlib\._local|pathlib)\.",
        "",
        text,
    )
    return f"`{text}`".replace("|", "\\|")


def default(field: dataclasses.Field[Any]) -> str:
    """Return a field's default as a table cell."""
    if field.default is not dataclasses.MISSING:
        value = field.default
        if inspect.isfunction(value):
            return f"`{value.__name__}`"
        text = sorted(value) if isinstance(value, frozenset) else value
        return f"`{text!r}`".replace("|", "\\|")
    return "" if field.default_factory is dataclasses.MISSING else "empty"


def escaped(text: str) -> str:
    """Return a text for a table cell."""
    return text.replace("|", "\\|").replace("<", "\\<")
