"""Make a ledger of what can be read of a damaged one, which is kept beside it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from deshi.api import UsageError
from deshi.labelling.ledger import FILE, schema
from deshi.labelling.ledger.ledger import PATIENCE_S, open_to_read
from deshi.labelling.ledger.reading import open_for_reading
from deshi.labelling.ledger.replies import read_reply
from deshi.labelling.ledger.sqlite_errors import explained
from deshi_tools.ledger_view.readable_rows import readable_rows

_TABLES = ("teacher", "batch", "request", "attempt", "budget", "reuse")
_BESIDE = ("", "-wal", "-shm")


def damaged_answers(workspace: Path) -> Counter[str]:
    """Return how many stored answers are damaged, by the teacher's entry; nothing without a ledger.

    What of the file itself is damaged counts under "".

    Raises:
        UsageError: it is in use, a later deshi wrote it, or nothing of it can be read.
    """
    found: Counter[str] = Counter()
    if not (workspace / FILE).is_file():
        return found
    with open_for_reading(workspace) as db:
        columns = ("key", "entry", "state", "reply", "hash", "cost", "elsewhere")
        for key, entry, *kept in readable_rows(db, "request", columns, found):
            if (kept[0] == "done" or kept[1] is not None) and read_reply(key, *kept) is None:
                found[str(entry)] += 1
        if not found[""] and db.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            found[""] += 1
    return +found


def repair(workspace: Path) -> tuple[int, Path | None]:
    """Drop what is damaged of a ledger, and return how many answers stay and where the old one is kept.

    It is kept first, and replaced by a whole one at once: a kill leaves the old ledger or the new.

    Raises:
        UsageError: there is no ledger, or it is in use.
    """
    path = workspace / FILE
    if not path.is_file():
        raise UsageError("there is no ledger yet", where=str(workspace), fix="try `deshi run FILE`")
    with _alone(workspace):
        _merge_log(path)
        kept = next(p for p in _names(workspace) if not p.exists())
        kept.mkdir()
        for end in _BESIDE:
            if (one := path.with_name(FILE + end)).exists():
                shutil.copy2(one, kept / one.name)
        aside = path.with_name(f"{FILE}.new")
        for end in _BESIDE:
            aside.with_name(aside.name + end).unlink(missing_ok=True)
        answers = _copy_rows(kept / FILE, aside)
        for end in _BESIDE[1:]:
            path.with_name(FILE + end).unlink(missing_ok=True)
        aside.replace(path)
    return answers, kept


def _names(workspace: Path) -> Iterator[Path]:
    number = 0
    while True:
        yield workspace / f"ledger-damaged-{(number := number + 1)}"


@contextlib.contextmanager
def _alone(workspace: Path) -> Iterator[None]:
    try:
        with FileLock(workspace / "ledger.lock", timeout=PATIENCE_S):
            yield
    except Timeout:
        where, fix = str(workspace / FILE), "wait until that run ends, and run this again"
        raise UsageError("is in use by a run", where=where, fix=fix) from None


def _merge_log(path: Path) -> None:
    """Move what a killed process left in the write-ahead log into the ledger, if SQLite still can."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE_S)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise explained(error, path) from None


def _copy_rows(source: Path, target: Path) -> int:
    """Copy every row that can be read and holds, and return the number of answers among them."""
    with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as new:
        schema.prepare(new, str(target))
        new.execute("PRAGMA foreign_keys=OFF")
        new.execute("BEGIN")
        with (
            contextlib.suppress(sqlite3.DatabaseError),
            contextlib.closing(open_to_read(source)) as db,
        ):
            for table in _TABLES:
                _copy_table(db, new, table)
        new.execute("COMMIT")
        new.execute("PRAGMA journal_mode=DELETE")  # so that the file is all of it
        query = "SELECT count(*) FROM request WHERE state = 'done'"
        return int(new.execute(query).fetchone()[0])


def _copy_table(db: sqlite3.Connection, new: sqlite3.Connection, table: str) -> None:
    wanted = [name for _, name, *_ in new.execute(f"PRAGMA table_info({table})")]
    there = {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
    columns = [name for name in wanted if name in there]
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT INTO {table}({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    for row in readable_rows(db, table, columns, Counter()):
        named = dict(zip(columns, row, strict=True))
        if table == "request" and named["reply"] is not None and not _holds(named):
            continue
        with contextlib.suppress(sqlite3.Error, UnicodeError):  # what the table itself refuses
            new.execute(insert, row)


def _holds(row: dict[str, object]) -> bool:
    names = ("key", "state", "reply", "hash", "cost", "elsewhere")
    return read_reply(*(row.get(name) for name in names)) is not None  # type: ignore[arg-type]
