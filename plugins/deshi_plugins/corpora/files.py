"""The files of a corpus: on this disk or on the hub, given as local paths one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from deshi.api import UsageError

if TYPE_CHECKING:
    from deshi_plugins.corpora.hub import HubFiles


@dataclass(frozen=True, slots=True)
class File:
    """A file to read. `name` is relative to its folder or data set, `where` is for messages."""

    name: str
    path: Path
    where: str


def corpus_files(
    path: Path | None, hub: HubFiles | None, is_wanted: Callable[[str], bool]
) -> Iterator[File]:
    """Yield the files at a path, or else those of a data set, in the order of their names.

    Of a folder, hidden files and those whose name `is_wanted` refuses are left out. A file on the hub
    is downloaded when it is reached, so that reading less downloads less.

    Raises UsageError if there is none, and what `HubFiles` raises.
    """
    if path is not None:
        yield from _local(path, is_wanted)
    elif hub is not None:
        for name, found in hub:
            yield File(name, found, f"{hub.dataset}/{name}")


def matches(pattern: str) -> Callable[[str], bool]:
    """Return the test whether a file's relative name matches; `*` matches across folders."""
    return lambda name: fnmatchcase(name, pattern)


def _local(path: Path, is_wanted: Callable[[str], bool]) -> Iterator[File]:
    where = str(path)
    if not path.exists():
        raise UsageError("there is no such file or folder", where=where, mend="check `path`")
    if not path.is_dir():
        yield File(path.name, path, where)
        return
    names = {file.relative_to(path): file for file in path.rglob("*") if file.is_file()}
    found = {
        name.as_posix(): file
        for name, file in names.items()
        if not any(part.startswith(".") for part in name.parts) and is_wanted(name.as_posix())
    }
    if not found:
        mend = "set `path` to another folder, or change `pattern`"
        raise UsageError("the folder holds no file to read", where=where, mend=mend)
    for name, file in sorted(found.items()):
        yield File(name, file, str(file))
