"""Settings of the form `a.b=value`, as `--set` and DESHI_SET carry them.

The key is a TOML key: dots separate its parts, and a part with a dot in it is quoted, as in
`teacher."qwen3-0.6b".params.temperature=0.2`. The value is TOML, or a plain string where it is not.

DESHI_SET holds several, separated by semicolons or line ends. A separator inside a TOML string,
array or table belongs to the value.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from deshi.api import KINDS, Json, UsageError, nearest
from deshi.registry.tree import KeyPath

REGISTRY_TABLES: Final = (*KINDS, "prompt", "chain", "plugins", "deshi")
"""The top-level tables of registry.toml."""

BENCHMARK_TABLES: Final = ("benchmark", "matrix", "migration", "permit", "published", "scale")
"""The top-level tables of a benchmark file, which settings reach too."""

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY: Final = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SEPARATOR: Final = re.compile(r"[;\n]")
_ESCAPED: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: where it goes, its value, and the text that said so."""

    path: KeyPath
    value: Json
    text: str


def parse_setting(text: str, *, where: str = "--set") -> Setting:
    """Return the setting that the text `a.b=value` stands for.

    Raises UsageError if it has no key or no `=`.
    """
    key = _KEY.match(text)
    if key is None or text[key.end() : key.end() + 1] != "=":
        what = f"'{text}' is not of the form a.b=value"
        raise UsageError(what, where=where)
    return Setting(parse_path(key[1]), parse_value(text[key.end() + 1 :]), text.strip())


def parse_path(text: str) -> KeyPath:
    """Return the parts of a dotted key. Raises UsageError if it is none."""
    try:
        node = tomllib.loads(f"{text}=0") if _KEY.fullmatch(text) else None
    except tomllib.TOMLDecodeError:
        node = None
    if node is None:
        what = f"'{text}' is not a dotted key"
        raise UsageError(what, fix='write it as teacher.haiku or teacher."a.b"')
    path: list[str] = []
    while isinstance(node, dict):
        key, node = next(iter(node.items()))
        path.append(key)
    return tuple(path)


def parse_value(text: str) -> Json:
    """Return the TOML value, or the stripped text where it is not TOML."""
    try:
        read = tomllib.loads(f"value={text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text.strip()
    return jsonable(read["value"]) if len(read) == 1 else text.strip()


def jsonable(value: Json) -> Json:
    """Return a TOML value as JSON has it: a date or a time is its ISO text."""
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value


def split_settings(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the settings that belong to the registry and those that belong to the benchmark file.

    Raises UsageError for a top-level table that neither knows.
    """
    registry: list[str] = []
    benchmark: list[str] = []
    for text in texts:
        top = parse_setting(text).path[0]
        if top in BENCHMARK_TABLES:
            benchmark.append(text)
        elif top in REGISTRY_TABLES:
            registry.append(text)
        else:
            fix = nearest(top, (*REGISTRY_TABLES, *BENCHMARK_TABLES))
            what = f"unknown table '{top}'"
            raise UsageError(what, where=f"--set {text}", fix=fix)
    return registry, benchmark


def split_environment(text: str) -> list[str]:
    """Return the settings that DESHI_SET holds."""
    settings: list[str] = []
    while text:
        end = _end(text)
        if setting := text[:end].strip():
            settings.append(setting)
        text = text[end + 1 :]
    return settings


def _end(text: str) -> int:
    """Return where the first setting ends: at a separator, or behind it if the TOML value goes on."""
    key = _KEY.match(text)
    equals = key.end() if key and text.startswith("=", key.end()) else 0
    ends = [found.start() for found in _SEPARATOR.finditer(text, equals)]
    ends.append(len(text))
    if equals and text[equals + 1 :].lstrip(" \t").startswith(('"', "'", "[", "{")):
        for end in ends:
            try:
                tomllib.loads(text[:end])
            except (tomllib.TOMLDecodeError, RecursionError):
                continue
            return end
    return ends[0]


def path_text(path: KeyPath) -> str:
    """Return the dotted key, its parts quoted where they must be."""
    return ".".join(part if _BARE.fullmatch(part) else quoted(part) for part in path)


def quoted(text: str) -> str:
    """Return a TOML string on one line."""
    return _ESCAPED.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)
    )
