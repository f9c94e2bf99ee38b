"""Pieces of a card: front matter, tables, folds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.api import Json


def front_matter(values: Mapping[str, Json]) -> str:
    """Return the YAML block that the hub reads; JSON is YAML, and quotes all that must be quoted."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---"])


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of plain cells."""
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: str, language: str = "") -> str:
    """Return a block of code, fenced so that nothing in it ends it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def listed(lines: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {line}" for line in lines)


def number(value: float | None) -> str:
    """Return a figure with three decimals."""
    return "–" if value is None else f"{value:.3f}"


def ends(low: float | None, high: float | None) -> str:
    """Return an interval."""
    return "–" if low is None or high is None else f"[{low:.3f}, {high:.3f}]"


def one_line(text: str) -> str:
    """Return a note that begins no line, element or fence of its own."""
    return " ".join(text.split()).replace("<", "&lt;")


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|")
