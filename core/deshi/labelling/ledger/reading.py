"""Read the ledger without taking it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from deshi.api import Reply, UsageError
from deshi.labelling.ledger import schema
from deshi.labelling.ledger.ledger import FILE, Ledger, open_to_read
from deshi.labelling.ledger.replies import replies_among
from deshi.labelling.ledger.sqlite_errors import explained


def stored_replies(workspace: Path, keys: Sequence[str]) -> dict[str, Reply]:
    """Return the stored answers among some keys; nothing where there is no ledger."""
    if not (workspace / FILE).is_file():
        return {}
    with open_for_reading(workspace) as db:
        return replies_among(db, keys)


@contextlib.contextmanager
def open_for_reading(workspace: Path) -> Iterator[sqlite3.Connection]:
    """Open the ledger to read; one of an earlier deshi is brought up to date first.

    Raises:
        UsageError: there is none, it is in use or damaged, or a later deshi wrote it.
    """
    path = workspace / FILE
    if not path.is_file():
        raise UsageError("there is no ledger yet", where=str(workspace), fix="try `deshi run FILE`")
    try:
        db = open_to_read(path)
        try:
            if schema.version_of(db, str(path)) < schema.VERSION:
                db.close()
                with Ledger(workspace):
                    pass
                db = open_to_read(path)
            yield db
        finally:
            db.close()
    except sqlite3.Error as error:
        raise explained(error, path) from None
