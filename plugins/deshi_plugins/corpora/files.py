"""The files of a corpus, on this disk or the Hugging Face Hub, as local paths one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from deshi.api import UsageError
from deshi_plugins.corpora.hub import HubFiles
from deshi_plugins.corpora.local_files import local_files


@dataclass(frozen=True, slots=True)
class File:
    """A file to read. `name` is relative to its folder or data set, `where` is for messages."""

    name: str
    path: Path
    where: str


def corpus_files(
    path: Path | None, hub: HubFiles, suffixes: Sequence[str], pattern: str = "*"
) -> Iterator[File]:
    """Yield the files at a path, or those of a data set without one, in the order of their names.

    Of a folder, files that end otherwise or do not match the pattern (`*` matches across folders) are
    left out. A file on the Hub is downloaded when it is read, so that reading less downloads less.

    Raises UsageError if there is none, and what `HubFiles` raises.
    """
    if path is None:
        for name, path_here in hub:
            yield File(name, path_here, f"{hub.dataset}/{name}")
        return
    names = {_name(file, path): file for file in local_files(path, suffixes)}
    wanted = {name: file for name, file in names.items() if fnmatchcase(name, pattern)}
    if not wanted:
        fix = "change `pattern`, or set `path` to another folder"
        raise UsageError(f"no file matches '{pattern}'", where=str(path), fix=fix)
    for name, file in wanted.items():
        yield File(name, file, str(file))


def _name(file: Path, path: Path) -> str:
    return file.relative_to(path).as_posix() if path.is_dir() else file.name
