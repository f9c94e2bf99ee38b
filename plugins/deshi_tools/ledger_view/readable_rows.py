"""The rows of a table that can be read, whatever of its file is damaged."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

_LONGEST_STEP = 64


def readable_rows(
    db: sqlite3.Connection, table: str, columns: Sequence[str], lost: Counter[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table in the order in which they were stored.

    Where a page cannot be read, go on behind it: `lost[""]` counts the places.
    """
    query = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid > ? ORDER BY rowid"  # noqa: S608
    last, step, end = 0, 1, _end(db, table)
    while last < end:
        try:
            for rowid, *row in db.execute(query, (last,)):
                last, step = rowid, 1
                yield tuple(row)
        except sqlite3.DatabaseError:
            if step == 1:
                lost[""] += 1
            last, step = last + step, min(2 * step, _LONGEST_STEP)
        else:
            return


def _end(db: sqlite3.Connection, table: str) -> int:
    """Return a number that no row's is above: the last one's or, where that is damaged, a bound."""
    try:
        return int(db.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0)  # noqa: S608
    except sqlite3.DatabaseError:
        pages = int(db.execute("PRAGMA page_count").fetchone()[0])
        return pages * _LONGEST_STEP
