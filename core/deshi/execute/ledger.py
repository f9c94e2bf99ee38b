"""The ledger: every answer of every teacher, kept raw, for ever, in one SQLite file a workspace.

A request is answered once: its key holds all that can change the answer (component and revision,
parameters with the endpoint, prompt, task, text, sample) and nothing else. Answers are stored before
they are parsed, so that a better parser or filter reads them again for nothing.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from filelock import FileLock, Timeout

from deshi.api import Json, Reply, Request, UsageError
from deshi.benchmark.keys import canonical_json, key_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT;
INSERT OR IGNORE INTO meta VALUES ('schema', '1');
CREATE TABLE IF NOT EXISTS answer(
  key TEXT PRIMARY KEY CHECK(length(key) = 32),
  teacher TEXT NOT NULL, task TEXT NOT NULL, sample INTEGER NOT NULL CHECK(sample >= 0),
  text TEXT NOT NULL, reply TEXT NOT NULL, created REAL NOT NULL
) STRICT;
"""
_PAGE = 500


def request_key(identity: Json, request: Request) -> str:
    """Return the key of a request to a teacher of this identity."""
    return key_of(
        {
            "teacher": identity,
            "task": request.task,
            "text": request.text,
            "sample": request.sample,
            "prompt": request.prompt,
            **({"references": request.references} if request.references else {}),
        }
    )


class Ledger:
    """The open ledger of a workspace. One process writes at a time; a second one waits and says so."""

    def __init__(self, workspace: Path) -> None:
        self._path = workspace / "ledger.sqlite"
        self._lock = FileLock(workspace / "ledger.lock")

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0.2)
        except Timeout:
            _say("the ledger is in use; waiting for it")
            self._lock.acquire()
        try:
            self._db = sqlite3.connect(self._path)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")  # survives a kill; a power cut may cost
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._lock.release()
            raise UsageError(
                f"cannot be read as a ledger: {error}",
                where=str(self._path),
                mend="move the file away, or name another workspace",
            ) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        self._lock.release()

    def find(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Return the stored replies among some keys."""
        found: dict[str, Reply] = {}
        for start in range(0, len(keys), _PAGE):
            page = keys[start : start + _PAGE]
            marks = ",".join("?" * len(page))
            query = f"SELECT key, reply FROM answer WHERE key IN ({marks})"  # noqa: S608
            for key, reply in self._db.execute(query, page):
                found[key] = msgspec.json.decode(reply, type=Reply)
        return found

    def record(self, identity: Json, answers: Iterable[tuple[Request, Reply]]) -> None:
        """Store replies in one transaction; it is on disk when this returns, short of a power cut."""
        teacher = canonical_json(identity)
        now = time.time()
        rows = [
            (
                request_key(identity, request),
                teacher,
                request.task,
                request.sample,
                request.text,
                msgspec.json.encode(reply).decode(),
                now,
            )
            for request, reply in answers
        ]
        with self._db:
            self._db.executemany("INSERT OR IGNORE INTO answer VALUES (?,?,?,?,?,?,?)", rows)


def _say(line: str) -> None:
    import sys

    sys.stderr.write(f"deshi: {line}\n")


def count_answers(workspace: Path) -> Mapping[str, int]:
    """Return the number of stored answers by task, without taking the ledger."""
    path = workspace / "ledger.sqlite"
    if not path.is_file():
        return {}
    db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return dict(db.execute("SELECT task, count(*) FROM answer GROUP BY task"))
    finally:
        db.close()
