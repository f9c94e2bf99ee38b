"""Carry answers from one workspace to another, as JSON Lines: an answer is paid once, wherever."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from deshi.api import Json, Reply, UsageError
from deshi.keys import canonical_json
from deshi.labelling.ledger.ledger import Ledger
from deshi.labelling.ledger.reading import open_for_reading
from deshi.labelling.ledger.replies import raw, read_reply, reply_hash
from deshi.labelling.ledger.transitions import teacher_id
from deshi_tools.ledger_view.readable_rows import readable_rows

_FIELDS = ("key", "teacher", "entry", "task", "sample", "text", "reply", "cost_nano_usd", "created")
_COLUMNS = (
    *("key", "teacher", "entry", "task", "sample", "text", "created"),
    *("state", "reply", "hash", "cost", "elsewhere"),
)
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


def export_answers(workspace: Path, lost: Counter[str]) -> Iterator[str]:
    """Yield a line of JSON for each answer that can be read, in the order in which they were stored.

    `lost` counts, by the teacher's entry, answers that are damaged; "" has those that nobody can name.

    Raises:
        UsageError: there is no ledger, or nothing of it can be read.
    """
    with open_for_reading(workspace) as db:
        teachers = dict(readable_rows(db, "teacher", ("id", "identity"), lost))
        for row in readable_rows(db, "request", _COLUMNS, lost):
            key, teacher, entry, task, sample, text, created, *kept = row
            if kept[0] != "done" and kept[1] is None:
                continue
            identity = _json(teachers.get(teacher))
            if read_reply(key, *kept) is None or identity is None:
                lost[str(entry)] += 1
                continue
            _, reply, _, cost, elsewhere = kept
            values = (key, identity, entry, task, sample, text, json.loads(reply), cost + elsewhere)
            line = dict(zip(_FIELDS, (*values, created), strict=True))
            yield json.dumps(line, ensure_ascii=False, sort_keys=True)


def _json(text: str | None) -> Json:
    try:
        found: Json = json.loads(text or "null")
    except ValueError:
        return None
    return found


def import_answers(workspace: Path, file: Path) -> tuple[int, int]:
    """Import the answers of a file; return how many were new and how many existed.

    What they cost counts as paid elsewhere: in no budget, but in what labels cost. One whose answer
    here is damaged is new.

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
    """Store answers that are not there, or damaged; a failed request is answered by it."""
    new = 0
    query = "SELECT state, reply, hash, cost, elsewhere FROM request WHERE key = ?"
    for line in page:
        teacher = teacher_id(db, canonical_json(line.teacher))
        there = db.execute(query, (line.key,)).fetchone()
        if there is not None and there[1] is not None and read_reply(line.key, *there) is None:
            db.execute(
                "UPDATE request SET state = 'failed', reply = NULL WHERE key = ?", (line.key,)
            )
        kept, cost = raw(line.reply), line.cost_nano_usd
        row = (line.key, teacher, line.entry, line.task, line.sample, line.text, kept, cost)
        done = db.execute(
            "INSERT INTO request(key, teacher, entry, task, sample, text, state, reply, elsewhere,"
            " created, hash) VALUES (?, ?, ?, ?, ?, ?, 'done', ?, ?, ?, ?) ON CONFLICT(key) DO UPDATE"
            " SET state = 'done', reply = excluded.reply, elsewhere = excluded.elsewhere,"
            " hash = reply_hash(key, excluded.reply, cost, excluded.elsewhere)"
            " WHERE state IN ('pending', 'failed')",
            (*row, line.created, reply_hash(line.key, kept, 0, cost)),
        )
        new += done.rowcount
    return new
