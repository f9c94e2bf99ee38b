"""The contents of files and folders as hashes, each read once while it does not change."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Contents:
    """Hashes what a path names."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], str] = {}

    def digest(self, path: Path) -> str:
        """Return the sha256 of a file's content, or of a folder's names and contents.

        The names in a folder are relative and sorted, so that it may be moved. Raises OSError if
        there is nothing at the path or it cannot be read.
        """
        return self._folder(path) if path.is_dir() else self._file(path)

    def _folder(self, folder: Path) -> str:
        files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*")}
        total = hashlib.sha256()
        for name, file in sorted(files.items()):
            if file.is_file():
                total.update(f"{len(name.encode())}:{name}:{self._file(file)}\n".encode())
        return f"sha256:{total.hexdigest()}"

    def _file(self, file: Path) -> str:
        status = file.stat()
        key = (str(file), status.st_size, status.st_mtime_ns)
        if key not in self._known:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256")
            self._known[key] = f"sha256:{digest.hexdigest()}"
        return self._known[key]
