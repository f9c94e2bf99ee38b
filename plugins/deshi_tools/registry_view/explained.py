"""Where a value was set, or what holds where no layer sets one."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deshi.api import KINDS, Json, UsageError, nearest
from deshi.redaction import Mask, names_variable
from deshi.registry import Registry
from deshi.registry.settings import parse_path, path_text, quoted
from deshi.registry.tree import KeyPath, Tree, branch, leaves
from deshi.testing.naming import names
from deshi_tools.registry_view.parameters import parameters


@dataclass(frozen=True, slots=True)
class Explained:
    """One value of the registry and where it was set; file and line are None for a setting."""

    path: str
    value: Json
    layer: str
    file: Path | None
    line: int | None


def explain(registry: Registry, path: str = "") -> tuple[Explained, ...]:
    """Return each value at or below a dotted path and its origin.

    Raises:
        UsageError: there is none.
    """
    keys = parse_path(path) if path else ()
    node = branch(registry.tree, keys)
    if node is None:
        fix = _suggest_key(registry.tree, keys)
        raise UsageError("nothing is set there", where=path, fix=fix)
    return tuple(
        Explained(path_text(at), leaf.value, leaf.layer, leaf.source.file, leaf.line)
        for at, leaf in leaves(node, keys)
    )


def explained(registry: Registry, path: str) -> tuple[Explained, ...]:
    """Return what `explain` does; where nothing is set, say what holds there instead.

    Raises:
        UsageError: no layer sets anything at the path.
    """
    try:
        return explain(registry, path)
    except UsageError as error:
        keys = parse_path(path)
        what, fix = _by_name(registry, keys) if len(keys) == 1 else _by_default(registry, keys)
        if not what:
            raise
        raise UsageError(what, where=path, fix=fix) from error


def shown(found: Explained) -> str:
    """Return a value as TOML, hidden where it is or may be a secret."""
    *_, table, name = ("", *parse_path(found.path))
    is_key = (table, name) == ("env", "key") and not names_variable(found.value, os.environ)
    return "***" if is_key else value_text(Mask().value({name: found.value})[name])


def value_text(value: Json) -> str:
    """Return the value as TOML on one line, which `parse_value` of the registry's settings reads back.

    Raises UsageError for null, which TOML does not have.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict):
        pairs = ", ".join(
            f"{path_text((key,))} = {value_text(item)}" for key, item in value.items()
        )
        return f"{{ {pairs} }}" if pairs else "{}"
    what = f"TOML has no value for {value!r}"
    raise UsageError(what)


def _by_name(registry: Registry, keys: Sequence[str]) -> tuple[str, str]:
    """Return what to say of an entry that was named without its kind."""
    kinds = [candidate for candidate, names in names(registry).items() if keys[0] in names]
    meant = " or ".join(f"'{candidate}.{keys[0]}'" for candidate in kinds)
    return ("nothing is set there", f"did you mean {meant}?") if kinds else ("", "")


def _by_default(registry: Registry, keys: Sequence[str]) -> tuple[str, str]:
    """Return what to say of a component that has no entry, and of a parameter that none sets."""
    kind = next((candidate for candidate in KINDS if candidate == keys[0]), None)
    if kind is None or keys[1] not in names(registry)[kind]:
        return "", ""
    see = f"see `deshi describe {kind}.{keys[1]}`"
    rest = keys[2:]
    if not rest or rest == ("params",):
        return "no layer sets anything, so the component's defaults apply", see
    values = {key: value for key, value, _ in parameters(registry, registry.entry(kind, keys[1]))}
    if rest[0] != "params":
        return "", ""
    if rest[1] not in values:
        return "nothing is set there", nearest(rest[1], values)
    default = "" if values[rest[1]] is None else f" {value_text(values[rest[1]])}"
    return f"no layer sets it, so its default{default} applies", see


def _suggest_key(tree: Tree, path: KeyPath) -> str:
    """Return the hint for a path that leads nowhere, about the first key of it that is unknown."""
    if len(path) == 1:
        tables = (
            name for name, table in tree.items() if isinstance(table, dict) and path[0] in table
        )
        if found := " or ".join(f"'{name}.{path[0]}'" for name in tables):
            return f"did you mean {found}?"
    depth = next(n for n in range(1, len(path) + 1) if branch(tree, path[:n]) is None)
    parent = branch(tree, path[: depth - 1])
    return nearest(path[depth - 1], parent if isinstance(parent, dict) else ())
