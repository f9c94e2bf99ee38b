"""Which entry a user means who gives a name, with its kind before it or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import KINDS, DeshiError, Kind, UsageError, nearest

if TYPE_CHECKING:
    from deshi.registry.entries import Entry
    from deshi.registry.registry import Registry


def entry_named(registry: Registry, name: str, kind: Kind | None = None) -> Entry:
    """Return the entry, or the component with default parameters, that `student.knn` or `knn` names.

    Raises:
        UsageError: no kind has such a name, or several have.
        NotReadyError: the plugin that the name tells is not usable.
    """
    before, _, after = name.partition(".")
    if before in KINDS and after:
        kind, name = next(one for one in KINDS if one == before), after
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
        raise UsageError("is of several kinds", where=f"'{name}'", mend=f"write {choices}")
    known = {entry.name for one in KINDS for entry in registry.entries(one)}
    known |= {offer.id for one in KINDS for offer in registry.offers(one)}
    raise UsageError(
        "there is no such entry or component", where=f"'{name}'", mend=nearest(name, known)
    )
