"""A file that a command writes: what finds no room on a disk ends it with one line."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, NoReturn

from deshi.cli.streams import Guarded, unwritable


class FileOutput(Guarded):
    """A file that is written as UTF-8, with line ends that are the same on every system."""

    def __init__(self, buffer: BinaryIO, shown: Path) -> None:
        super().__init__(buffer, "utf-8", "backslashreplace", newline="\n")
        self._shown = shown

    def close(self) -> None:
        """Close the file; what is still held back may not find room."""
        try:
            super().close()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> NoReturn:
        raise unwritable(error, str(self._shown), "name another file") from None


def open_output(path: Path, shown: Path | None = None) -> FileOutput:
    """Open a file to write; `shown` is what a message calls it.

    Raises:
        UsageError: it cannot be opened; or, whenever it is written, that it cannot be written.
    """
    try:
        return FileOutput(path.open("wb"), shown or path)
    except OSError as error:
        raise unwritable(error, str(shown or path), "name another file") from None
