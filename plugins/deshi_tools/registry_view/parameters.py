"""The parameters of an entry: what they are set to, what they are by default, what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.inspect import Metadata, Type, UnionType

from deshi.api import Json, UsageError
from deshi.registry.params import dump, fields_of

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
    for key, field in fields_of(cls).items():
        default = None if field.default is msgspec.NODEFAULT else field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        yield key, dump(default, lambda path, _: str(path)), _help(field.type)


def _help(kind: Type) -> str:
    """Return what an annotation says of a type, or of one of several."""
    if isinstance(kind, Metadata):
        return str((kind.extra_json_schema or {}).get("description", ""))
    inside = kind.types if isinstance(kind, UnionType) else ()
    return next(filter(None, map(_help, inside)), "")
