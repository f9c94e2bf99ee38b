"""Finds texts in the files of a fitted student, whatever these are called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

_SHORTEST = 8
"""Characters: a shorter text may as well be an entry of a vocabulary."""
_BLOCK = 1 << 20
_KEY = 8
"""Bytes at the begin of a text by which it is looked for before it is compared whole."""


def holds_texts(folder: Path, texts: Sequence[str]) -> bool:
    """Say whether a file of a folder, or its name, has one of these texts in it, as it is written."""
    needles: dict[bytes, list[bytes]] = {}
    for text in {text for text in texts if len(text) >= _SHORTEST}:
        for spelt in _spellings(text):
            needles.setdefault(spelt[:_KEY], []).append(spelt)
    keys = np.sort(np.frombuffer(b"".join(needles), dtype="<u8"))
    reach = max((len(one) for some in needles.values() for one in some), default=0)
    names = "\n".join(str(path.relative_to(folder)) for path in folder.rglob("*"))
    blocks = (
        block for file in folder.rglob("*") if file.is_file() for block in _blocks(file, reach)
    )
    return any(
        _has(block, keys, needles) for block in (names.encode("utf-8", "surrogateescape"), *blocks)
    )


def _has(
    block: bytes, keys: np.typing.NDArray[np.uint64], needles: dict[bytes, list[bytes]]
) -> bool:
    if not len(keys):
        return False
    for shift in range(min(_KEY, max(0, len(block) - _KEY + 1))):
        words = np.frombuffer(block, "<u8", (len(block) - shift) // _KEY, shift)
        at = np.minimum(np.searchsorted(keys, words), len(keys) - 1)
        for place in (np.flatnonzero(keys[at] == words) * _KEY + shift).tolist():
            if any(block.startswith(one, place) for one in needles[block[place : place + _KEY]]):
                return True
    return False


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
            tail = (tail + block)[-overlap:] if overlap else b""
