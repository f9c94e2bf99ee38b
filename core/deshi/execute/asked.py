"""The texts that a fitted student is asked about: given as words, or a file of lines or of records."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import msgspec

from deshi.api import Text, UsageError

BATCH = 1024
"""How many texts are answered at a time."""


class _Record(msgspec.Struct):
    text: str
    id: str | int | None = None
    document: str | int | None = None


def texts_of(words: Iterable[str]) -> Iterator[Text]:
    """Yield the texts of plain words, numbered from 1; blank ones are left out."""
    for number, word in enumerate(words, 1):
        if word.strip():
            yield _text(word.strip(), str(number))


def read_texts(path: Path | None) -> Iterator[Text]:
    """Yield the texts of a file, or of stdin for None: JSON Lines with a `text`, or one text a line.

    Which of the two is told by the first line that is not blank. An `id` is kept; without one the
    line's number is taken.

    Raises:
        UsageError: the file cannot be read, or a line is no such record.
    """
    where = str(path) if path else "stdin"
    try:
        with _opened(path) as file:
            yield from _texts(file, where)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot be read: {error}", where=where, mend="name a file in UTF-8"
        ) from error


def batched(texts: Iterable[Text], size: int = BATCH) -> Iterator[Sequence[Text]]:
    """Yield texts some at a time."""
    rest = iter(texts)
    while some := list(islice(rest, size)):
        yield some


def _opened(path: Path | None) -> TextIO:
    if path is None:
        return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _texts(lines: Iterable[str], where: str) -> Iterator[Text]:
    as_records: bool | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if as_records is None:
            as_records = _is_record(line)
        if as_records:
            yield _recorded(line, number, f"{where}:{number}")
        else:
            yield _text(line.strip(), str(number))


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _recorded(line: str, number: int, where: str) -> Text:
    try:
        record = msgspec.json.decode(line, type=_Record)
    except msgspec.DecodeError as error:
        raise UsageError(
            str(error), where=where, mend='write {"text": "…"}, with an "id" if it has one'
        ) from error
    name = str(number) if record.id is None else str(record.id)
    return _text(record.text, name, None if record.document is None else str(record.document))


def _text(text: str, name: str, document: str | None = None) -> Text:
    # A name that no corpus gives: a student may leave out what it learned from the same document.
    return Text(id=name, document=document or f"asked:{name}", text=text)
