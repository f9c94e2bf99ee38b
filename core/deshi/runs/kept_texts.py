"""Finds texts in the files of a fitted student, whatever these are called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

_LOOKED_FOR = 20
_SHORTEST = 8
_BLOCK = 1 << 22


def holds_texts(folder: Path, texts: Sequence[str]) -> bool:
    """Say whether a file of a folder has one of the longest of these texts in it."""
    longest = sorted({text for text in texts if len(text) >= _SHORTEST}, key=len)[-_LOOKED_FOR:]
    needles = [spelt for text in longest for spelt in _spellings(text)]
    reach = max(map(len, needles), default=0)
    files = [file for file in folder.rglob("*") if file.is_file()]
    return any(
        needle in block for file in files for block in _blocks(file, reach) for needle in needles
    )


def _spellings(text: str) -> Iterator[bytes]:
    yield text.encode("utf-8", "surrogatepass")
    yield json.dumps(text).strip('"').encode()
    yield text.encode("utf-16-le", "surrogatepass")
    yield text.encode("utf-32-le", "surrogatepass")


def _blocks(file: Path, overlap: int) -> Iterator[bytes]:
    tail = b""
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            yield tail + block
            tail = block[-overlap:] if overlap else b""
