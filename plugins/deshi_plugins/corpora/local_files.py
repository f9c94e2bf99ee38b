"""The files that a corpus is read from."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from deshi.api import UsageError


def local_files(path: Path, suffixes: Sequence[str]) -> list[Path]:
    """Return the files that a path means, in the order of their names.

    Args:
        path: A file of any name, a folder (all files below it that end in one of the suffixes), or a
            pattern with `*`, `?` or `[…]`.
        suffixes: How the files of this corpus end, lower case.

    Raises:
        UsageError: there is no such file.
    """
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if _is_meant(p, suffixes))
        missing = f"the folder holds no file that ends in {' or '.join(suffixes)}"
    elif path.exists():
        files, missing = [path], ""
    else:
        files = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207
        files = [p for p in files if p.is_file()]
        missing = "there is no such file or folder"
    if not files:
        raise UsageError(
            missing,
            where=str(path),
            fix=f"set `path` to a file, a folder or a pattern of files: {', '.join(suffixes)}",
        )
    for file in files:
        if file.stat().st_size == 0:
            raise UsageError("the file is empty", where=str(file), fix="download or copy it again")
    return files


def _is_meant(path: Path, suffixes: Sequence[str]) -> bool:
    name = path.name.lower()
    return not name.startswith(".") and name.endswith(tuple(suffixes)) and path.is_file()
