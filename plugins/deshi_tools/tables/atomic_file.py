"""Files that take their name once they are whole."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deshi.api import UsageError


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Yield where to write what is to be `file` in the end; until then what was there stays.

    A link stays a link. What is no file, such as a device or a named pipe, is written as it is.
    """
    try:
        target = file.resolve()
        if target.exists() and not target.is_file():
            yield target
            return
        aside = target.with_name(f".{target.name}-{uuid.uuid4().hex}")
        try:
            yield aside
            aside.replace(target)
        finally:
            with suppress(OSError):
                aside.unlink()
    except OSError as error:
        raise UsageError(
            f"cannot be written: {os.strerror(error.errno) if error.errno else error}",
            where=str(file),
            fix="name a file in a folder that exists",
        ) from None
