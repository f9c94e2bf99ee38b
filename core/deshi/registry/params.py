"""Between TOML and a parameters dataclass, in both directions.

Keys are kebab-case in TOML and JSON, snake_case in the dataclass; a trailing underscore (`lambda_`)
is not part of the key. Tables inside parameters become dataclasses too where the field says so.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import math
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import msgspec
from msgspec import inspect

from deshi.api import Json, UsageError, nearest
from deshi.registry.tree import KeyPath, Origin, complaint

ResolvePath: TypeAlias = Callable[[str, KeyPath], str]
_AT: Final = re.compile(r" - at (?:`key` in )?`\$\.?(.*)`$")
_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")


class ParamsFault(Exception):  # noqa: N818  (becomes a UsageError as soon as its origin is known)
    """What is wrong with parameters: the table or key in them, what, how to fix it.

    `key` is the one key of the table at `path` that is at fault, where it is no valid one; `place` is
    where that was written.
    """

    def __init__(self, path: KeyPath, what: str, fix: str = "", *, key: str = "") -> None:
        super().__init__(path, what, fix)
        self.path = path
        self.what = what
        self.fix = fix
        self.place = (*path, key) if key else path

    def told(self, where: str, origin: Origin | None) -> UsageError:
        """Return the error for whoever wrote the parameters, which are at `where`."""
        return complaint(".".join((where, *self.path)), self.what, origin, self.fix)


def build(raw: Mapping[str, Json], cls: type[Any], resolve: ResolvePath) -> Any:  # noqa: ANN401
    """Return an instance of the dataclass from kebab-case values.

    `resolve(text, path)` makes the path that a field of type `pathlib.Path` was given absolute.
    Raises ParamsFault for an unknown key, a wrong type or a bound that is not kept; TypeError or
    NotImplementedError if the dataclass has a field of a type that cannot come from TOML.
    """
    try:
        shaped = _shape_table(raw, fields_of(cls), (), resolve)
        return msgspec.convert(shaped, cls, dec_hook=_decode, str_keys=True)
    except msgspec.ValidationError as error:
        raise _fault(str(error), raw, cls) from error


def dump(value: object, path_as: Callable[[Path, KeyPath], Json], at: KeyPath = ()) -> Json:
    """Return the value as JSON with kebab-case keys, each path as `path_as` has it.

    Raises ParamsFault for a number that is not finite: keys could not distinguish it.
    """
    if dataclasses.is_dataclass(value):
        fields = fields_of(type(value))
        named = ((key, getattr(value, field.name)) for key, field in fields.items())
        return {key: dump(item, path_as, (*at, key)) for key, item in named}
    if isinstance(value, Path):
        return path_as(value, at)
    if isinstance(value, Mapping):
        return {str(key): dump(item, path_as, (*at, str(key))) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((dump(item, path_as, at) for item in value), key=msgspec.json.encode)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | enum.Enum):
        return [dump(item, path_as, (*at, str(index))) for index, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ParamsFault(at, f"must be finite, not {value}")
    return msgspec.to_builtins(value)


def fields_of(cls: type[Any]) -> Mapping[str, inspect.Field]:
    """Return the fields of a dataclass by the keys that they take, in its order."""
    return _fields(cast("Hashable", cls))


@functools.cache
def _fields(cls: Any) -> Mapping[str, inspect.Field]:  # noqa: ANN401
    kind = inspect.type_info(cls)
    assert isinstance(kind, inspect.DataclassType)
    return _by_key(kind)


def _by_key(kind: inspect.DataclassType) -> Mapping[str, inspect.Field]:
    known = {field.name: field for field in kind.fields}  # those without a default first
    return {kebab(one.name): known[one.name] for one in dataclasses.fields(kind.cls) if one.init}


def kebab(name: str) -> str:
    """Return the key for the name of a field."""
    return name.rstrip("_").replace("_", "-")


def _shape(value: Json, kind: inspect.Type, at: KeyPath, resolve: ResolvePath) -> Json:
    """Return the value with snake_case keys and absolute paths where the type has them."""
    kind = _chosen(value, kind)
    if isinstance(kind, inspect.DataclassType):
        table = isinstance(value, Mapping)
        return _shape_table(value, _by_key(kind), at, resolve) if table else value
    if _is_path(kind):
        return resolve(value, at) if isinstance(value, str) else value
    inner = _inner(kind)
    if not inner:
        return value
    if isinstance(value, list | tuple):
        pairs = enumerate(zip(value, [*inner, *inner[-1:] * len(value)], strict=False))
        return [_shape(item, one, (*at, str(index)), resolve) for index, (item, one) in pairs]
    if isinstance(value, Mapping):
        return {key: _shape(item, inner[-1], (*at, key), resolve) for key, item in value.items()}
    return value


def _shape_table(
    value: Mapping[str, Json],
    fields: Mapping[str, inspect.Field],
    at: KeyPath,
    resolve: ResolvePath,
) -> dict[str, Json]:
    shaped: dict[str, Json] = {}
    for key, item in value.items():
        if key not in fields:
            fix = nearest(kebab(key), fields) if fields else "it takes no parameters"
            raise ParamsFault(at, f"unknown key '{key}'", fix, key=key)
        field = fields[key]
        shaped[field.name] = _shape(item, field.type, (*at, key), resolve)
    return shaped


def _chosen(value: Json, kind: inspect.Type) -> inspect.Type:
    """Return the type without its annotations; of several, the one that this value can become."""
    if isinstance(kind, inspect.Metadata):
        return _chosen(value, kind.type)
    if not isinstance(kind, inspect.UnionType):
        return kind
    for one in (_chosen(value, one) for one in kind.types):
        if isinstance(value, Mapping) and isinstance(one, inspect.DataclassType):
            return one
        if _is_path(one) if isinstance(value, str) else value is not None and _inner(one):
            return one
    return inspect.AnyType()


def _inner(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    """Return the types of what a collection holds."""
    if isinstance(kind, inspect.TupleType):
        return kind.item_types
    if isinstance(kind, inspect.DictType):
        return (kind.value_type,)
    return (kind.item_type,) if isinstance(kind, inspect.CollectionType) else ()


def _is_path(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.CustomType) and kind.cls is Path


def _decode(kind: type[Any], value: Any) -> Any:  # noqa: ANN401
    """Return what msgspec cannot make itself: a path from a string."""
    if not issubclass(kind, Path):
        message = f"parameters of type {kind.__name__} are not supported"
        raise NotImplementedError(message)  # msgspec takes a TypeError for the value's fault
    if not isinstance(value, str | Path):
        message = f"Expected `path`, got `{type(value).__name__}`"
        raise TypeError(message)
    return kind(value)


def _fault(text: str, raw: Mapping[str, Json], cls: type[Any]) -> ParamsFault:
    """Return msgspec's message in our form: where, what, how to fix it."""
    at = _AT.search(text)
    path = tuple(_steps(at[1])) if at else ()
    what = _AT.sub("", text)
    if missing := _MISSING.fullmatch(what):
        return ParamsFault(path, f"needs the key '{kebab(missing[1])}'")
    what = what.replace("`", "")
    found = _value_at(raw, path)
    if what.startswith("Invalid enum value"):
        choices = _choices(inspect.type_info(cls), path)
        fix = nearest(str(found), choices) if choices else ""
        return ParamsFault(path, f"{found!r} is not one of its values", fix)
    if what.startswith("Expected") and ", got" not in what and found is not None:
        what = f"{what}, got {found!r}"
    return ParamsFault(path, what[:1].lower() + what[1:])


def _steps(path: str) -> Iterator[str]:
    """Yield the parts of msgspec's path `a_b.c[0]` as TOML names them."""
    for part in re.findall(r"[^.\[\]]+", path):
        if part != "...":
            yield kebab(part)


def _value_at(raw: Json, path: KeyPath) -> Json:
    for key in path:
        if isinstance(raw, Mapping):
            raw = raw.get(key)
        elif isinstance(raw, list | tuple) and key.isdigit() and int(key) < len(raw):
            raw = raw[int(key)]
        else:
            return None
    return raw


def _choices(kind: inspect.Type, path: KeyPath) -> list[str]:
    """Return the values that the enumerated type at the path below a type takes."""
    if isinstance(kind, inspect.Metadata):
        return _choices(kind.type, path)
    if isinstance(kind, inspect.UnionType):
        return [choice for one in kind.types for choice in _choices(one, path)]
    if isinstance(kind, inspect.LiteralType):
        return [value for value in kind.values if isinstance(value, str)]
    if isinstance(kind, inspect.EnumType):
        return [str(member.value) for member in kind.cls]
    if isinstance(kind, inspect.DataclassType):
        field = _by_key(kind).get(path[0]) if path else None
        return _choices(field.type, path[1:]) if field else []
    below = path[1:] if path and path[0].isdigit() else path
    return [choice for one in _inner(kind)[-1:] for choice in _choices(one, below)]
