"""Which entry a user means who gives a name, with its kind before it or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import KINDS, DeshiError, Kind, UsageError, nearest
from deshi.registry.settings import parse_path, value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.registry.entries import Entry
    from deshi.registry.origin import Explained
    from deshi.registry.registry import Registry


def entry_named(registry: Registry, name: str, kind: Kind | None = None) -> Entry:
    """Return the entry, or the component with default parameters, that `student.knn` or `knn` names.

    Raises:
        UsageError: no kind has such a name, or several have.
        NotReadyError: the plugin of that name is not usable.
    """
    before, _, after = name.partition(".")
    if before in KINDS and after:
        kind, name = next(candidate for candidate in KINDS if candidate == before), after
    if kind is not None:
        return registry.entry(kind, name)
    found: list[Entry] = []
    for candidate in KINDS:
        try:
            found.append(registry.entry(candidate, name))
        except DeshiError as error:
            if not isinstance(error, UsageError):
                raise
    if len(found) == 1:
        return found[0]
    if found:
        choices = " or ".join(f"{entry.kind}.{entry.name}" for entry in found)
        raise UsageError("exists in several kinds", where=f"'{name}'", fix=f"write {choices}")
    known = _names(registry)
    if "." in name and not any(name in names for names in known.values()):
        spelt = [
            f"{candidate}.{known_name}"
            for candidate, names in known.items()
            for known_name in names
        ]
        fix = nearest(name, spelt)
    else:
        fix = nearest(name, {candidate for names in known.values() for candidate in names})
    raise UsageError("there is no such entry or component", where=f"'{name}'", fix=fix)


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
    kinds = [candidate for candidate, names in _names(registry).items() if keys[0] in names]
    meant = " or ".join(f"'{candidate}.{keys[0]}'" for candidate in kinds)
    return ("nothing is set there", f"did you mean {meant}?") if kinds else ("", "")


def _by_default(registry: Registry, keys: Sequence[str]) -> tuple[str, str]:
    """Return what to say of a component that has no entry, and of a parameter that none sets."""
    kind = next((candidate for candidate in KINDS if candidate == keys[0]), None)
    if kind is None or keys[1] not in _names(registry)[kind]:
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


def _names(registry: Registry) -> dict[Kind, set[str]]:
    """Return the names of the entries and components of every kind."""
    return {
        candidate: {entry.name for entry in registry.entries(candidate)}
        | {offer.id for offer in registry.catalog.offers(candidate)}
        for candidate in KINDS
    }
