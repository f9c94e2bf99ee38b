"""Which entry a user means who gives a name, with its kind before it or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import KINDS, DeshiError, Kind, UsageError, nearest

if TYPE_CHECKING:
    from deshi.registry import Entry, Registry


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
    known = names(registry)
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


def names(registry: Registry) -> dict[Kind, set[str]]:
    """Return the names of the entries and components of every kind."""
    return {
        candidate: {entry.name for entry in registry.entries(candidate)}
        | {offer.id for offer in registry.catalog.offers(candidate)}
        for candidate in KINDS
    }
