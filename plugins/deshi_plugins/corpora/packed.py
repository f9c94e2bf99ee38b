"""Reads a file that may be packed with gzip or bzip2, and loses nothing where it is cut off."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path


def blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield the content of a file, at least `size` bytes at a time but for the last.

    What a file is packed with is seen from its first bytes. All that could be unpacked is yielded
    before an error is raised.

    Raises:
        EOFError, OSError, zlib.error: the file is cut off, damaged, or not packed as its name says.
    """
    pieces: list[bytes] = []
    held = 0
    with _opened(path) as file:
        while True:
            try:
                piece = file.read1(size)  # `read` would forget what it had before the error
            except (EOFError, OSError, zlib.error):
                yield b"".join(pieces)
                raise
            pieces.append(piece)
            held += len(piece)
            if held >= size or not piece:
                yield b"".join(pieces)
                pieces, held = [], 0
            if not piece:
                return


def _opened(path: Path) -> bz2.BZ2File | gzip.GzipFile | BufferedReader:
    with path.open("rb") as file:
        first = file.read(3)
    if first == b"BZh" or path.suffix == ".bz2":
        return bz2.open(path)
    return gzip.open(path) if first[:2] == b"\x1f\x8b" or path.suffix == ".gz" else path.open("rb")
