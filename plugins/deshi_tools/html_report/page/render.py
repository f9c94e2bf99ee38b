"""Render a record as one HTML file: template, style, scripts and data, and nothing from elsewhere."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from deshi.api import Json

_SCRIPTS = (
    "state.js",
    "dom.js",
    "numbers.js",
    "theme.js",
    "answers.js",
    "table.js",
    "charts.js",
    "differences.js",
    "emoji.js",
    "data.js",
    "texts.js",
    "origin.js",
    "migration.js",
    "start.js",
)
"""In the order in which they are read; they share one scope, which is closed to the outside."""
_VENDORED = ("d3.min.js", "plot.umd.min.js")


def render(record: Mapping[str, Json], texts: Mapping[str, Json]) -> str:
    """Return the page. The texts lie in it compressed: gzip in base64, which browsers can open."""
    folder = files("deshi_tools.html_report") / "html"
    scripts = "\n".join(_read(folder / name) for name in _SCRIPTS)
    parts = {
        "title": html.escape(str(record["run"])),
        "style": _read(folder / "report.css"),
        "library": "\n".join(_script(_read(folder / "vendor" / name)) for name in _VENDORED),
        "record": to_script(record),
        "texts": base64.b64encode(_packed(texts)).decode("ascii"),
        "script": _script(f'(() => {{\n"use strict";\n{scripts}\n}})();'),
    }
    page = _read(folder / "report.html")
    for name, part in parts.items():
        page = page.replace(f"<!--{name}-->", part, 1)
    return page


def to_script(value: Json) -> str:
    """Return JSON that a script element can hold: no text in it can close the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _packed(texts: Mapping[str, Json]) -> bytes:
    return gzip.compress(to_script(texts).encode("utf-8"), mtime=0)


def _script(code: str) -> str:
    if "</script" in code:
        raise ValueError("a script must not hold the end of a script")
    return f"<script>\n{code}\n</script>"


def _read(path: Traversable) -> str:
    return path.read_text(encoding="utf-8")
