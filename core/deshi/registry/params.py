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
import types
import typing
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
)

import msgspec

from deshi.api import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deshi.api import Json
    from deshi.registry.origin import KeyPath

ResolvePath: TypeAlias = Callable[[str, "KeyPath"], str]
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


def build(raw: Mapping[str, Json], cls: type[Any], resolve: ResolvePath) -> Any:  # noqa: ANN401
    """Return an instance of the dataclass from kebab-case values.

    `resolve(text, path)` makes the path that a field of type `pathlib.Path` was given absolute.
    Raises ParamsFault for an unknown key, a wrong type or a bound that is not kept; TypeError or
    NotImplementedError if the dataclass has a field of a type that cannot come from TOML.
    """
    try:
        shaped = _shape(raw, cls, (), resolve)
        return msgspec.convert(shaped, cls, dec_hook=_decode, str_keys=True)
    except msgspec.ValidationError as error:
        raise _fault(str(error), raw, cls) from error


def dump(value: object, path_as: Callable[[Path, KeyPath], Json], at: KeyPath = ()) -> Json:
    """Return the value as JSON with kebab-case keys, each path as `path_as` has it.

    Raises ParamsFault for a number that is not finite: keys could not distinguish it.
    """
    if dataclasses.is_dataclass(value):
        keys = _keys(type(value))
        named = ((key, getattr(value, field.name)) for key, field in keys.items())
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


def key_names(cls: type[Any]) -> tuple[str, ...]:
    """Return the keys that the dataclass takes, in its order."""
    return tuple(_keys(cls))


def hints_of(cls: type[Any]) -> Mapping[str, Any]:
    """Return the types of a dataclass's fields, with what `Annotated` says of them; read once."""
    return _hints(cast("Hashable", cls))


@functools.cache
def _hints(cls: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return typing.get_type_hints(cls, include_extras=True)


def _keys(cls: type[Any]) -> dict[str, dataclasses.Field[Any]]:
    fields = (field for field in dataclasses.fields(cls) if field.init)
    return {kebab(field.name): field for field in fields}


def kebab(name: str) -> str:
    """Return the key for the name of a field."""
    return name.rstrip("_").replace("_", "-")


def _shape(value: Json, hint: Any, at: KeyPath, resolve: ResolvePath) -> Json:  # noqa: ANN401
    """Return the value with snake_case keys and absolute paths where the type has them."""
    hint = _chosen(value, hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _shape_table(value, hint, at, resolve) if isinstance(value, Mapping) else value
    if hint is Path:
        return resolve(value, at) if isinstance(value, str) else value
    arguments = [argument for argument in get_args(hint) if argument is not Ellipsis]
    if not arguments:
        return value
    if isinstance(value, list | tuple):
        inner = [*arguments, *[arguments[-1]] * len(value)]
        pairs = enumerate(zip(value, inner, strict=False))
        return [_shape(item, kind, (*at, str(index)), resolve) for index, (item, kind) in pairs]
    if isinstance(value, Mapping):
        return {
            key: _shape(item, arguments[-1], (*at, key), resolve) for key, item in value.items()
        }
    return value


def _shape_table(
    value: Mapping[str, Json], cls: type[Any], at: KeyPath, resolve: ResolvePath
) -> dict[str, Json]:
    keys = _keys(cls)
    hints = hints_of(cls)
    shaped: dict[str, Json] = {}
    for key, item in value.items():
        if key not in keys:
            raise ParamsFault(
                at,
                f"unknown key '{key}'",
                nearest(kebab(key), keys) if keys else "it takes no parameters",
                key=key,
            )
        name = keys[key].name
        shaped[name] = _shape(item, hints[name], (*at, key), resolve)
    return shaped


def _chosen(value: Json, hint: Any) -> Any:  # noqa: ANN401
    """Return the type without its annotations; of several, the one that this value can become."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    kinds = [_chosen(value, kind) for kind in get_args(hint)]
    for kind in kinds:
        table = isinstance(kind, type) and dataclasses.is_dataclass(kind)
        if (table and isinstance(value, Mapping)) or (kind is Path and isinstance(value, str)):
            return kind
        if get_origin(kind) and not isinstance(value, str | None) and get_args(kind):
            return kind
    return object


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
        choices = _choices(cls, path)
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


def _choices(hint: Any, path: KeyPath) -> list[str]:  # noqa: ANN401
    """Return the values that the enumerated field at the path below a type takes."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        return [choice for kind in get_args(hint) for choice in _choices(kind, path)]
    if not path:
        return [*_literals(hint)]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        declared = _keys(hint).get(path[0])
        hints = hints_of(hint)
        return _choices(hints[declared.name], path[1:]) if declared else []
    inner = [argument for argument in get_args(hint) if argument is not Ellipsis]
    return _choices(inner[-1], path[1:] if path[0].isdigit() else path) if inner else []


def _literals(hint: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        yield from (str(member.value) for member in hint)
    for argument in get_args(hint):
        if isinstance(argument, str):
            yield argument
        else:
            yield from _literals(argument)
