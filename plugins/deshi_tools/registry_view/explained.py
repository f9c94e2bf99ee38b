"""Where a value was set, or what holds where no layer sets one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import KINDS, UsageError, nearest
from deshi.registry import value_text
from deshi.registry.settings import parse_path
from deshi.testing.naming import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.registry import Explained, Registry


def explained(registry: Registry, path: str) -> tuple[Explained, ...]:
    """Return what `Registry.explain` does; where nothing is set, say what holds there instead.

    Raises:
        UsageError: no layer sets anything at the path.
    """
    try:
        return registry.explain(path)
    except UsageError as error:
        keys = parse_path(path)
        what, fix = _by_name(registry, keys) if len(keys) == 1 else _by_default(registry, keys)
        if not what:
            raise
        raise UsageError(what, where=path, fix=fix) from error


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
    values = {key: value for key, value, _ in registry.parameters(registry.entry(kind, keys[1]))}
    if rest[0] != "params":
        return "", ""
    if rest[1] not in values:
        return "nothing is set there", nearest(rest[1], values)
    default = "" if values[rest[1]] is None else f" {value_text(values[rest[1]])}"
    return f"no layer sets it, so its default{default} applies", see
