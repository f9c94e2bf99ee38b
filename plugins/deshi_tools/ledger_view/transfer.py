"""Carry answers from one workspace to another, as JSON Lines: an answer is paid once, wherever."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from deshi.api import Reply, UsageError
from deshi.keys import canonical_json
from deshi.labelling.ledger.ledger import Ledger, raw
from deshi.labelling.ledger.reading import open_for_reading
from deshi.labelling.ledger.transitions import teacher_id

_FIELDS = ("key", "teacher", "entry", "task", "sample", "text", "reply", "cost_nano_usd", "created")
_PAGE = 1000
_MOST = 2**63
"""SQLite's integers are below it."""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: the request, the teacher, the raw reply, and its cost wherever it was paid."""

    key: str
    teacher: Any
    entry: str
    task: str
    sample: int
    text: str
    reply: Reply
    cost_nano_usd: int
    created: float


def export_answers(workspace: Path) -> Iterator[str]:
    """Yield a line of JSON for each answer, in the order in which they came.

    Raises:
        UsageError: there is no ledger.
    """
    query = (
        "SELECT r.key, t.identity, r.entry, r.task, r.sample, r.text, r.reply, r.cost + r.elsewhere,"
        " r.created FROM request r JOIN teacher t ON t.id = r.teacher WHERE r.state = 'done'"
        " ORDER BY r.created, r.key"
    )
    with open_for_reading(workspace) as db:
        for row in db.execute(query):
            line = dict(zip(_FIELDS, row, strict=True))
            line["teacher"] = json.loads(line["teacher"])
            line["reply"] = json.loads(line["reply"])
            yield json.dumps(line, ensure_ascii=False, sort_keys=True)


def import_answers(workspace: Path, file: Path) -> tuple[int, int]:
    """Import the answers of a file; return how many were new and how many existed.

    What they cost counts as paid elsewhere: in no budget, but in what labels cost.

    Raises:
        UsageError: the file cannot be read, or a line is no answer; lines before it are taken up.
    """
    new = seen = 0
    with Ledger(workspace) as ledger:
        page: list[_Line] = []
        for line in _lines(file):
            seen += 1
            page.append(line)
            if len(page) == _PAGE:
                new += ledger.run(lambda db, page=page: _store(db, page))  # type: ignore[misc]
                page = []
        new += ledger.run(lambda db: _store(db, page))
    return new, seen - new


def _lines(file: Path) -> Iterator[_Line]:
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, text in enumerate(lines, 1):
                if text.strip():
                    yield _parsed(file, number, text)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(file)) from None
    except UnicodeDecodeError:
        raise UsageError("is not UTF-8", where=str(file)) from None


def _parsed(file: Path, number: int, text: str) -> _Line:
    try:
        line = msgspec.json.decode(text, type=_Line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(
            f"is not an answer: {error}",
            where=f"{file}:{number}",
            fix="import what `deshi ledger export` wrote",
        ) from None
    if len(line.key) != 32 or not (0 <= line.sample < _MOST and 0 <= line.cost_nano_usd < _MOST):
        raise UsageError("is not an answer: key, sample or cost is wrong", where=f"{file}:{number}")
    return line


def _store(db: sqlite3.Connection, page: list[_Line]) -> int:
    """Store answers that are not there; a failed request of this ledger is answered by it."""
    new = 0
    for line in page:
        teacher = teacher_id(db, canonical_json(line.teacher))
        done = db.execute(
            "INSERT INTO request(key, teacher, entry, task, sample, text, state, reply, elsewhere,"
            " created) VALUES (?, ?, ?, ?, ?, ?, 'done', ?, ?, ?) ON CONFLICT(key) DO UPDATE SET"
            " state = 'done', reply = excluded.reply, elsewhere = excluded.elsewhere"
            " WHERE state IN ('pending', 'failed')",
            (
                line.key,
                teacher,
                line.entry,
                line.task,
                line.sample,
                line.text,
                raw(line.reply),
                line.cost_nano_usd,
                line.created,
            ),
        )
        new += done.rowcount
    return new
