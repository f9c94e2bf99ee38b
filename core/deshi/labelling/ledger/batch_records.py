"""Batches in the books: reserved and written down before they are handed over, named before polling."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deshi.api import Request
from deshi.labelling.ledger.transitions import (
    BudgetFull,
    Ending,
    Payer,
    end,
    open_attempt,
    release,
    reserve,
)

_PUT = (
    "INSERT INTO request(key, teacher, entry, task, sample, text, state, batch, reserved, created)"
    " VALUES (?, ?, ?, ?, ?, ?, 'batched', ?, ?, ?) ON CONFLICT(key) DO UPDATE SET"
    " state = 'batched', batch = excluded.batch, reserved = excluded.reserved"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBatch:
    """A batch that was not collected yet: its requests, and what is reserved for each, by key.

    `server_id` is None if nobody noted it: see `Batches.find`. The requests of an earlier session have
    no prompt, which the ledger does not keep.
    """

    tag: str
    server_id: str | None
    payer: Payer
    created: float
    requests: Mapping[str, Request]
    reserved: Mapping[str, int]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its requests, in the order in which they were handed over."""
        return tuple(self.reserved)


def open_batch(
    db: sqlite3.Connection,
    payer: Payer,
    teacher: int,
    tag: str,
    items: Sequence[tuple[str, Request, int]],
) -> OpenBatch:
    """Reserve for as many requests (key, request, worst case) as the budgets bear; write the batch down.

    Raises:
        BudgetFull: there is no room for the first.
    """
    now = time.time()
    db.execute(
        "INSERT INTO batch(tag, entry, run, session, teacher, state, requests, created)"
        " VALUES (?, ?, ?, ?, ?, 'submitting', 0, ?)",
        (tag, payer.entry, payer.run, payer.session, teacher, now),
    )
    kept: dict[str, int] = {}
    for key, request, worst in items:
        try:
            reserve(db, payer.scopes, worst)
        except BudgetFull:
            if not kept:
                raise
            break
        row = (key, teacher, payer.entry, request.task, request.sample, request.text)
        db.execute(_PUT, (*row, tag, worst, now))
        kept[key] = worst
    db.execute("UPDATE batch SET requests = ? WHERE tag = ?", (len(kept), tag))
    requests = {key: request for key, request, _ in items if key in kept}
    return OpenBatch(
        tag=tag, server_id=None, payer=payer, created=now, requests=requests, reserved=kept
    )


def name_batch(db: sqlite3.Connection, tag: str, server_id: str) -> None:
    """Note the server's name of a batch that was handed over."""
    named = (server_id, tag)
    db.execute("UPDATE batch SET state = 'submitted', server_id = ? WHERE tag = ?", named)


def lose_batch(db: sqlite3.Connection, batch: OpenBatch) -> None:
    """Give up a batch that never arrived, or failed whole: its requests wait, nothing is reserved."""
    query = "SELECT coalesce(sum(reserved), 0) FROM request WHERE batch = ?"
    reserved = int(db.execute(query, (batch.tag,)).fetchone()[0])
    release(db, batch.payer.scopes, reserved, 0)
    query = "UPDATE request SET state = 'pending', reserved = 0, batch = NULL WHERE batch = ?"
    db.execute(query, (batch.tag,))
    query = "UPDATE batch SET state = 'lost', server_id = NULL, ended = ? WHERE tag = ?"
    db.execute(query, (time.time(), batch.tag))


def names_of_batches(db: sqlite3.Connection) -> frozenset[str]:
    """Return the server's names of all batches that have one."""
    rows = db.execute("SELECT server_id FROM batch WHERE server_id IS NOT NULL")
    return frozenset(name for (name,) in rows)


def ingest(db: sqlite3.Connection, batch: OpenBatch, endings: Mapping[str, Ending]) -> None:
    """Book what came of every request of a batch, all in one."""
    for key, ending in endings.items():
        end(db, batch.payer, key, open_attempt(db, batch.payer, key, batch.created), ending)
    ended = (time.time(), batch.tag)
    db.execute("UPDATE batch SET state = 'ingested', ended = ? WHERE tag = ?", ended)


def open_batches(db: sqlite3.Connection, teacher: int) -> list[OpenBatch]:
    """Return the batches of a teacher (its row) that were not collected yet, the oldest first."""
    query = (
        "SELECT tag, server_id, run, session, entry, created FROM batch"
        " WHERE teacher = ? AND state IN ('submitting', 'submitted') ORDER BY created"
    )
    members = "SELECT key, task, text, sample, reserved FROM request WHERE batch = ? ORDER BY rowid"
    found = []
    for tag, server_id, run, session, entry, created in db.execute(query, (teacher,)).fetchall():
        rows = db.execute(members, (tag,)).fetchall()
        batch = OpenBatch(
            tag=tag,
            server_id=server_id,
            payer=Payer(run=run, session=session, entry=entry),
            created=created,
            requests={key: Request(task, text, sample) for key, task, text, sample, _ in rows},
            reserved={key: reserved for key, *_, reserved in rows},
        )
        found.append(batch)
    return found
