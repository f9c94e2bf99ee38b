"""Where a value of the registry comes from: layer, file and line."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from deshi.api import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyPath: TypeAlias = tuple[str, ...]
"""Where a value is in a TOML text: the keys of its tables, then its own."""


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
