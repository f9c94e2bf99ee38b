"""Files of texts for a fitted student: lines, or records."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import msgspec

from deshi.api import Text, UsageError
from deshi.runs.fitted_student import WRITE, text_of

SHORTEST, LONGEST = 10, 100
"""The characters of a text of the task: what students are trained and tested on."""

_NAMED = 5
"""The texts out of that range that a note names."""


class _Record(msgspec.Struct):
    text: str
    id: str | int | None = None
    document: str | int | None = None


def read_texts(path: Path | None) -> Iterator[Text]:
    """Yield the texts of a file, or of stdin for None: JSON Lines with a `text`, or one text per line.

    The first non-blank line decides which of the two. An `id` is kept; without one the
    line's number is taken.

    Raises:
        UsageError: the file cannot be read, a line is invalid or its text is blank, or there is no text.
    """
    where, none = str(path) if path else "stdin", True
    try:
        with _opened(path) as file:
            for text in _texts(file, where):
                none = False
                yield text
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot be read: {error}", where=where, fix="name a file in UTF-8"
        ) from error
    if none:
        raise UsageError("no texts", where=where, fix=WRITE)


@dataclass
class Lengths:
    """Counts the texts that pass, and those of a length that is not the task's."""

    texts: int = 0
    outside: int = 0
    named: list[str] = field(default_factory=list)

    def counted(self, texts: Iterable[Text]) -> Iterator[Text]:
        """Yield the texts as they come."""
        for text in texts:
            self.texts += 1
            if not SHORTEST <= len(text.text) <= LONGEST:
                self.outside += 1
                if len(self.named) < _NAMED:
                    self.named.append(f"{text.id} ({len(text.text)} characters)")
            yield text

    def note(self) -> str:
        """Return what to say of such texts; empty if there is none."""
        if not self.outside:
            return ""
        named = ", ".join(self.named) + (", …" if self.outside > len(self.named) else "")
        alone = self.outside == 1
        which = f"text {named} is" if alone else f"{self.outside} of {self.texts} texts are"
        return (
            f"{which} outside the {SHORTEST} to {LONGEST} characters of the task"
            f"{'' if alone else f': {named}'}; the student's scores do not cover such texts"
        )


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
            yield text_of(line, str(number), where=f"{where}:{number}")


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _recorded(line: str, number: int, where: str) -> Text:
    try:
        record = msgspec.json.decode(line, type=_Record)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(
            str(error), where=where, fix='write {"text": "…"}, with an "id" if it has one'
        ) from error
    name = str(number) if record.id is None else str(record.id)
    document = None if record.document is None else str(record.document)
    return text_of(record.text, name, document, where=where)
