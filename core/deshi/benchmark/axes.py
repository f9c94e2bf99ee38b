"""The `[matrix]` table: axes of choices, where a list is an axis and a list parameter is a grid.

A cell is one combination of choices, which becomes one row of the table.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, cast

from deshi.api import Json, UsageError, nearest
from deshi.results import AXES

SIZES = "train"
"""The axis whose values are numbers of training pairs and no entries."""

DEFAULTS: Mapping[str, str] = {"rewriter": "own", "gold": "own"}
REQUIRED = ("corpus", "chain", "teacher")


@dataclass(frozen=True)
class Choice:
    """One value on an axis: an entry's name, and parameters that differ from the entry's."""

    use: str
    params: Mapping[str, Json] = field(default_factory=dict, compare=False)
    key: str = field(init=False, repr=False)
    """Stands for the parameters where choices are compared and hashed: a matrix has thousands."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", repr(sorted(self.params.items())))

    @classmethod
    def size(cls, texts: int) -> Choice:
        """Return a number of training pairs as a choice; its label says what the number is."""
        return cls(f"n{texts}")

    @property
    def texts(self) -> int:
        """The number of a choice that `size` made."""
        return int(self.use.removeprefix("n"))

    @cached_property
    def label(self) -> str:
        """The name in tables and row ids."""
        if not self.params:
            return self.use
        inner = ",".join(f"{key}={_short(value)}" for key, value in sorted(self.params.items()))
        return f"{self.use}({inner})"


Axis: TypeAlias = tuple[Choice, ...]


@dataclass(frozen=True)
class Cell:
    """One combination, over all its seeds. A `reason` says why it cannot run (`n/a`).

    `student` is who answers. In a baseline that may be a teacher, which then `is_teacher` says.
    """

    corpus: Choice
    chain: Choice
    rewriter: Choice
    teacher: Choice
    train: Choice
    gold: Choice
    student: Choice
    loss: Choice | None = None
    baseline: bool = False
    is_teacher: bool = False
    reason: str = ""

    def labels(self) -> dict[str, str | None]:
        """The cell as axis names and labels; an axis that does not apply is None."""
        choices = ((axis, cast("Choice | None", getattr(self, axis))) for axis in AXES)
        return {axis: choice.label if choice else None for axis, choice in choices}


def read_axes(path: str, table: Mapping[str, Json]) -> dict[str, Axis]:
    """Return the choices on every axis; `student`, `loss` and `train` may be empty."""
    where = f"{path}: [matrix]"
    for name in table:
        if name not in AXES:
            raise UsageError(f"unknown axis '{name}'", where=where, fix=nearest(name, AXES))
    for name in REQUIRED:
        if name not in table:
            raise UsageError(f"'{name}' is missing", where=where, fix=f'add {name} = "an entry"')
    axes: dict[str, Axis] = {}
    for name in AXES:
        value = table.get(name, DEFAULTS.get(name, []))
        values = value if isinstance(value, list) else [value]
        read = _sizes if name == SIZES else _choices
        at = f"{where} {name}"
        choices = tuple(c for v in values for c in read(at, v))
        labels = [choice.label for choice in choices]
        twice = {label for label in labels if labels.count(label) > 1}
        if twice:
            raise UsageError(f"'{min(twice)}' is listed twice", where=at, fix="list it once")
        if not choices and name not in ("student", "loss", SIZES):
            raise UsageError("the list is empty", where=at, fix="name an entry")
        axes[name] = choices
    return axes


def _sizes(where: str, value: Json) -> Iterator[Choice]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        fix = "write train = 2000, or a list for a learning curve"
        raise UsageError(f"{value!r} is not a number of training pairs", where=where, fix=fix)
    yield Choice.size(value)


def _choices(where: str, value: Json) -> Iterator[Choice]:
    if isinstance(value, str):
        yield Choice(value)
        return
    if not isinstance(value, dict) or not isinstance(value.get("use"), str):
        what = f"{value!r} is neither an entry's name nor a table with `use`"
        fix = 'write "name" or { use = "name", parameter = value }'
        raise UsageError(what, where=where, fix=fix)
    params = {key: v for key, v in value.items() if key != "use"}
    grids = [v if isinstance(v, list) else [v] for v in params.values()]
    for key, grid in zip(params, grids, strict=True):
        if not grid:
            raise UsageError(f"the grid of '{key}' is empty", where=where, fix="name a value")
    for values in itertools.product(*grids):
        yield Choice(value["use"], dict(zip(params, values, strict=True)))


def _short(value: Json) -> str:
    if isinstance(value, list):
        return "+".join(_short(v) for v in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
