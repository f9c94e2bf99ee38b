"""What a registry.toml may hold; errors name the file and the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from deshi.api import KINDS, Place, nearest
from deshi.registry.origin import Origin, complaint
from deshi.registry.settings import BENCHMARK_TABLES, REGISTRY_TABLES, path_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from deshi.api import Json
    from deshi.registry.origin import KeyPath, Source

PLACES: Final[tuple[Place, ...]] = get_args(Place)
FRAGMENT_TABLES: Final = (*KINDS, "prompt", "chain")
"""The tables that a plugin's fragment may hold: it adds entries and does not govern the host."""

_ENTRY_KEYS: Final[Mapping[str, str]] = {
    "use": "a string",
    "about": "a string",
    "params": "a table",
    "env": "a table",
    "limits": "a table",
    "prompt": "a string",
    "enabled": "true or false",
}
_WITH_TERMS: Final = ("corpus", "teacher")
_PROMPT_KEYS: Final[Mapping[str, str]] = {
    "rewrite": "a string",
    "label": "a string",
    "merged": "a string",
    "ban": "a list of strings",
}
_CHAIN_KEYS: Final[Mapping[str, str]] = dict.fromkeys(PLACES, "a list of strings")
_PLUGINS_KEYS: Final[Mapping[str, str]] = {
    "disabled": "a list of strings",
    "local": "a list of strings",
}


def check(
    data: Mapping[str, Json], source: Source, *, tables: Iterable[str] = REGISTRY_TABLES
) -> None:
    """Raise UsageError for the first table, key or type in one source that does not belong."""
    tables = tuple(tables)
    for table, content in data.items():
        if table not in tables:
            _reject_table(table, source, tables)
        _check_type((table,), content, "a table", source)
        if table == "plugins":
            _check_keys((table,), content, _PLUGINS_KEYS, source)
        elif table != "deshi":
            _check_named(table, content, source)


def _check_named(table: str, content: Mapping[str, Json], source: Source) -> None:
    """Check the tables of one kind: `[teacher.haiku]`, `[prompt.seed]`, `[chain.seed]`."""
    known = {"prompt": _PROMPT_KEYS, "chain": _CHAIN_KEYS}.get(table, _ENTRY_KEYS)
    if table in _WITH_TERMS:
        known = {**known, "terms": "a table"}
    for name, entry in content.items():
        _check_type((table, name), entry, "a table", source)
        _check_keys((table, name), entry, known, source, free=table == "prompt")


def _check_keys(
    path: KeyPath,
    content: Mapping[str, Json],
    known: Mapping[str, str],
    source: Source,
    *,
    free: bool = False,
) -> None:
    for key, value in content.items():
        if key in known:
            _check_type((*path, key), value, known[key], source)
        elif not free:
            origin = Origin(source, (*path, key))
            raise complaint(path_text(path), f"unknown key '{key}'", origin, nearest(key, known))


def _check_type(path: KeyPath, value: Json, expected: str, source: Source) -> None:
    if not _is(value, expected):
        what = f"must be {expected}, not {_named(value)}"
        raise complaint(path_text(path), what, Origin(source, path))


def _is(value: Json, expected: str) -> bool:
    if expected == "a list of strings":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    kinds: dict[str, type] = {"a string": str, "a table": dict, "true or false": bool}
    return isinstance(value, kinds[expected])


def _named(value: Json) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return f"the string '{value}'" if isinstance(value, str) else str(value).lower()


def _reject_table(table: str, source: Source, tables: tuple[str, ...]) -> None:
    """Raise UsageError for a top-level table that does not belong here."""
    fix = nearest(table, tables)
    if table in BENCHMARK_TABLES:
        fix = "it belongs in a benchmark file"
    elif table in REGISTRY_TABLES:
        fix = "a plugin may only ship entries, prompts and chains"
    raise complaint(table, "unknown table", Origin(source, (table,)), fix)
