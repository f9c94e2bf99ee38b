"""What a registry.toml may hold; errors name the file and the line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, get_args

from deshi.api import KINDS, Json, Place, nearest
from deshi.registry.settings import BENCHMARK_TABLES, REGISTRY_TABLES, path_text
from deshi.registry.tree import KeyPath, Origin, Source, complaint

PLACES: Final[tuple[Place, ...]] = get_args(Place)
FRAGMENT_TABLES: Final = (*KINDS, "prompt", "chain")
"""The tables that a plugin's fragment may hold: it adds entries and does not govern the host."""

_ENTRY: Final[Mapping[str, str]] = {
    "use": "a string",
    "about": "a string",
    "params": "a table",
    "env": "a table",
    "limits": "a table",
    "prompt": "a string",
    "enabled": "true or false",
}
_KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys(KINDS, _ENTRY),
    **{kind: {**_ENTRY, "terms": "a table"} for kind in ("corpus", "teacher")},
    "prompt": {
        **dict.fromkeys(("rewrite", "label", "merged"), "a string"),
        "ban": "a list of strings",
    },
    "chain": dict.fromkeys(PLACES, "a list of strings"),
    "plugins": dict.fromkeys(("disabled", "local"), "a list of strings"),
}
"""What each kind of table may hold; a prompt may hold more."""
_TYPES: Final = {"a string": str, "a table": dict, "true or false": bool, "a list of strings": list}


def check(data: Mapping[str, Json], source: Source, tables: Sequence[str]) -> None:
    """Raise UsageError for the first table, key or type in one source that does not belong.

    `tables` are those that it may hold.
    """
    for table, content in data.items():
        if table not in tables:
            _reject_table(table, source, tables)
        _check_type((table,), content, "a table", source)
        if table == "plugins":
            _check_keys((table,), content, source)
        elif table in _KEYS:  # `[teacher.haiku]`, `[prompt.seed]`, `[chain.seed]`
            for name, entry in content.items():
                _check_type((table, name), entry, "a table", source)
                _check_keys((table, name), entry, source)


def _check_keys(path: KeyPath, content: Mapping[str, Json], source: Source) -> None:
    known = _KEYS[path[0]]
    for key, value in content.items():
        if key in known:
            _check_type((*path, key), value, known[key], source)
        elif path[0] != "prompt":
            origin = Origin(source, (*path, key))
            raise complaint(path_text(path), f"unknown key '{key}'", origin, nearest(key, known))
        elif not _is_json(value):  # it goes into keys
            where, origin = path_text((*path, key)), Origin(source, (*path, key))
            raise complaint(where, "must be JSON: finite numbers, no dates", origin)


def _is_json(value: Json) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _check_type(path: KeyPath, value: Json, expected: str, source: Source) -> None:
    items = value if expected == "a list of strings" and isinstance(value, list) else ()
    if not isinstance(value, _TYPES[expected]) or not all(isinstance(one, str) for one in items):
        what = f"must be {expected}, not {_named(value)}"
        raise complaint(path_text(path), what, Origin(source, path))


def _named(value: Json) -> str:
    if isinstance(value, str):
        return f"the string '{value}'"
    names: Mapping[type, str] = {dict: "a table", list: "a list"}
    return names.get(type(value)) or str(value).lower()


def _reject_table(table: str, source: Source, tables: Sequence[str]) -> None:
    """Raise UsageError for a top-level table that does not belong here."""
    fix = nearest(table, tables)
    if table in BENCHMARK_TABLES:
        fix = "it belongs in a benchmark file"
    elif table in REGISTRY_TABLES:
        fix = "a plugin may only ship entries, prompts and chains"
    raise complaint(table, "unknown table", Origin(source, (table,)), fix)
