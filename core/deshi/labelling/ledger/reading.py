"""Read the ledger without taking it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from deshi.api import Reply, UsageError
from deshi.labelling.ledger.ledger import FILE, Ledger, open_to_read

_PAGE = 500


def stored_replies(workspace: Path, keys: Sequence[str]) -> dict[str, Reply]:
    """Return the stored answers among some keys; nothing where there is no ledger."""
    found: dict[str, Reply] = {}
    if not (workspace / FILE).is_file():
        return found
    with open_for_reading(workspace) as db:
        for start in range(0, len(keys), _PAGE):
            page = keys[start : start + _PAGE]
            marks = ",".join("?" * len(page))
            query = f"SELECT key, reply FROM request WHERE state = 'done' AND key IN ({marks})"  # noqa: S608
            for key, reply in db.execute(query, page):
                found[key] = msgspec.json.decode(reply, type=Reply)
    return found


@contextlib.contextmanager
def open_for_reading(workspace: Path) -> Iterator[sqlite3.Connection]:
    """Open the ledger to read; one of an earlier deshi is brought up to date first."""
    path = workspace / FILE
    if not path.is_file():
        raise UsageError("there is no ledger yet", where=str(workspace), fix="try `deshi run FILE`")
    db = open_to_read(path)
    try:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'budget'").fetchone():
            db.close()
            with Ledger(workspace):
                pass
            db = open_to_read(path)
        yield db
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"cannot be read as a ledger: {error}",
            where=str(path),
            fix="move the file away, or name another workspace",
        ) from None
    finally:
        db.close()
