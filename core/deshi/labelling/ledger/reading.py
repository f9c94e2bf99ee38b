"""Read the ledger without taking it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from deshi.api import Reply, UsageError
from deshi.labelling.ledger.ledger import FILE, Ledger, open_to_read, replies_among


def stored_replies(workspace: Path, keys: Sequence[str]) -> dict[str, Reply]:
    """Return the stored answers among some keys; nothing where there is no ledger."""
    if not (workspace / FILE).is_file():
        return {}
    with open_for_reading(workspace) as db:
        return replies_among(db, keys)


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
