"""The parameters of an entry: what they are set to, what they are by default, what they mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from deshi.api import Json, UsageError
from deshi.registry.params import dump, hints_of, kebab

if TYPE_CHECKING:
    from deshi.registry import Entry, Registry


def parameters(registry: Registry, entry: Entry) -> Iterator[tuple[str, Json, str]]:
    """Yield key, value and help of every parameter of an entry, also of one that lacks some.

    Raises:
        NotReadyError: the parameters' class cannot be imported.
    """
    cls = registry.offer(entry).params_class(entry.path)
    try:
        values = registry.resolve(entry).params_json
    except UsageError:
        values = entry.params
    for key, default, about in _described(cls):
        yield key, values.get(key, default), about


def _described(cls: type[Any]) -> Iterator[tuple[str, Json, str]]:
    """Yield the keys that the dataclass takes: name, default (None without), help."""
    hints = hints_of(cls)
    for found in dataclasses.fields(cls):
        kinds = (hints[found.name], *get_args(hints[found.name]))
        notes = (note for kind in kinds for note in getattr(kind, "__metadata__", ()))
        helps = (note.description or "" for note in notes if isinstance(note, msgspec.Meta))
        default = found.default if found.default is not dataclasses.MISSING else None
        if found.default_factory is not dataclasses.MISSING:
            default = found.default_factory()
        yield kebab(found.name), dump(default, lambda path, _: str(path)), next(helps, "")
