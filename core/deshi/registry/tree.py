"""Values that know where they were set, and how the tables of a stronger source lie over a weaker one.

A value comes from a layer, of a file and a line of it or of a setting.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias

from deshi.api import KINDS, Json, UsageError

KeyPath: TypeAlias = tuple[str, ...]
"""Where a value is in a TOML text: the keys of its tables, then its own."""

INHERITED: Final = ("params", "env", "limits", "terms")
"""The tables of an entry that belong to its component, and go when the component is changed."""


@dataclass(frozen=True, eq=False)
class Source:
    """One TOML text, or one setting: what a layer is made of.

    `label` stands in messages where there is no file; relative paths start at `folder`.
    """

    layer: str
    folder: Path
    file: Path | None = None
    label: str = ""
    text: str = ""

    @property
    def title(self) -> str:
        """The file as it is shown, or the label."""
        return display_path(self.file) if self.file else self.label

    def line(self, path: KeyPath) -> int | None:
        """Return the line that sets the key, or that of the table around it."""
        for length in range(len(path), 0, -1):
            if found := self._lines.get(path[:length]):
                return found
        return None

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        lines: dict[KeyPath, int] = {}
        for path, line in _scan(self.text):
            lines.setdefault(path, line)
        return lines


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value was set. The line is looked up on demand."""

    source: Source
    path: KeyPath

    @property
    def layer(self) -> str:
        """The layer's name: built-in, plugin NAME, project, user, environment, command line."""
        return self.source.layer

    @property
    def line(self) -> int | None:
        """The line in the file or fragment; None where there is none."""
        return self.source.line(self.path)

    def __str__(self) -> str:
        line = self.line
        title = self.source.title
        place = f"{title}:{line}" if title and line else title
        return f"{place}, {self.layer} layer" if place else f"{self.layer} layer"


@dataclass(frozen=True, slots=True)
class Leaf(Origin):
    """A scalar or an array, and where it was set."""

    value: Json


Tree: TypeAlias = "dict[str, Leaf | Tree]"


def plant(data: Mapping[str, Json], source: Source, at: KeyPath = ()) -> Tree:
    """Return the tables of one source as a tree."""
    tree: Tree = {}
    for key, value in data.items():
        path = (*at, key)
        if isinstance(value, dict):
            tree[key] = plant(value, source, path)
        else:
            tree[key] = Leaf(source, path, value)
    return tree


def merge(weaker: Tree, stronger: Tree) -> Tree:
    """Return the stronger over the weaker: tables merge by key, scalars and arrays replace.

    Layers may be merged in any grouping, as long as no key is a table in one and none in another.
    """
    merged = dict(weaker)
    for key, value in stronger.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def overlay(weaker: Tree, stronger: Tree) -> Tree:
    """Merge two layers; an entry whose component changes loses what belonged to the old one."""
    kept = dict(weaker)
    for kind in KINDS:
        below, above = kept.get(kind), stronger.get(kind)
        if isinstance(below, dict) and isinstance(above, dict):
            kept[kind] = {
                name: _released(name, entry, above.get(name)) for name, entry in below.items()
            }
    return merge(kept, stronger)


def _released(name: str, below: Leaf | Tree, above: Leaf | Tree | None) -> Leaf | Tree:
    """Return the weaker entry, without its component's tables if the stronger changes that."""
    if not isinstance(below, dict) or not isinstance(above, dict) or "use" not in above:
        return below
    if _use(name, below) == _use(name, above):
        return below
    return {key: value for key, value in below.items() if key not in INHERITED}


def _use(name: str, entry: Tree) -> Json:
    """Return the component of an entry; without `use` it is the one of the entry's own name."""
    use = entry.get("use")
    return use.value if isinstance(use, Leaf) else name


def plain(node: Leaf | Tree) -> Json:
    """Return the values alone."""
    if isinstance(node, Leaf):
        return node.value
    return {key: plain(value) for key, value in node.items()}


def leaves(node: Leaf | Tree, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Leaf]]:
    """Yield every leaf with its path."""
    if isinstance(node, Leaf):
        yield at, node
        return
    for key, value in node.items():
        yield from leaves(value, (*at, key))


def branch(tree: Tree, path: KeyPath) -> Leaf | Tree | None:
    """Return what is at the path; None if there is nothing."""
    node: Leaf | Tree = tree
    for key in path:
        if isinstance(node, Leaf) or key not in node:
            return None
        node = node[key]
    return node


def complaint(where: str, what: str, origin: Origin | None, fix: str = "") -> UsageError:
    """Return the error `where: what; fix (file:line, layer)`."""
    place = f" ({origin})" if origin else ""
    if fix:
        return UsageError(what, where=where, fix=fix + place)
    return UsageError(what + place, where=where)


def display_path(file: Path) -> str:
    """Return the path relative to the working directory if it lies in it."""
    folder = Path.cwd()
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def _scan(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Yield each key and table of a valid TOML text with its first line.

    A statement ends where tomllib can read it on its own, so that a key inside a text of several
    lines is not taken for one.
    """
    table: KeyPath = ()
    statement = ""
    start = 1
    for number, line in enumerate(text.split("\n"), 1):
        start = start if statement else number
        statement += line + "\n"
        try:
            found = [*_paths(tomllib.loads(statement))]
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            table = found[-1]
            yield from ((path, start) for path in found)
        else:
            yield from ((table + path, start) for path in found)
        statement = ""


def _paths(data: dict[str, Any]) -> Iterator[KeyPath]:
    """Yield the path of each key, a table before what is in it."""
    for key, value in data.items():
        yield (key,)
        if isinstance(value, list) and value and isinstance(value[-1], dict):
            value = value[-1]  # noqa: PLW2901  ([[header]])
        if isinstance(value, dict):
            yield from ((key, *path) for path in _paths(value))
