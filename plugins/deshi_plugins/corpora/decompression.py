"""Reads a file that may be compressed with gzip or bzip2; a cut-off one as far as it goes."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

# What is unpacked at a time; it may become a thousand times as much.
_PACKED = 1 << 14
_GZIP = 16 + zlib.MAX_WBITS


def blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield the content of a file, at least `size` bytes at a time but for the last.

    The compression is detected from the first bytes. All that can be decompressed is yielded
    before an error is raised.

    Raises:
        EOFError, OSError: the file is cut off, damaged, or not compressed as its name indicates.
    """
    chunks: list[bytes] = []
    held = 0
    try:
        for chunk in _chunks(path, size):
            chunks.append(chunk)
            held += len(chunk)
            if held >= size:
                yield b"".join(chunks)
                chunks, held = [], 0
    except (EOFError, OSError):
        yield b"".join(chunks)
        raise
    yield b"".join(chunks)


def _chunks(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        first = file.read(3)
        file.seek(0)
        if first == b"BZh" or path.suffix == ".bz2":
            with bz2.open(file) as unpacked:
                # `read` would forget what it had before an error
                yield from iter(lambda: unpacked.read1(size), b"")
        elif first[:2] == b"\x1f\x8b" or path.suffix == ".gz":
            yield from _gunzipped(file)
        else:
            yield from iter(lambda: file.read1(size), b"")


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content of all gzip members of a file; zeros may follow them."""
    unpacker = None
    while packed := file.read(_PACKED):
        while packed := packed.lstrip(b"\0") if unpacker is None else packed:
            unpacker = unpacker or isal_zlib.decompressobj(_GZIP)
            try:
                yield unpacker.decompress(packed)
            except isal_zlib.error as error:  # type: ignore[misc]  # its stubs call it an instance
                raise OSError(f"Not a gzipped file, or damaged: {error}") from error
            packed = b""
            if unpacker.eof:
                packed, unpacker = unpacker.unused_data, None
    if unpacker is not None:
        raise EOFError("it ends before its end-of-stream marker")
