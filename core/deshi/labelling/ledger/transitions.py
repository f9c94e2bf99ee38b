"""How a request moves: reserved and in flight, then answered, failed, or waiting for a retry.

A batch is reserved and written down before it is handed over, and named before anyone polls it.

Each move is one operation on the database, so that after a kill the books add up: what is reserved
for requests is what is reserved in budgets, and what attempts cost is what was spent.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deshi.api import Request, Usage
from deshi.labelling.ledger.replies import reply_hash

CostSource: TypeAlias = Literal["server", "usage", "worst-case", "none"]
State: TypeAlias = Literal["pending", "done", "failed"]

NANO = 1_000_000_000
"""Amounts are whole nano-USD: so many are a USD."""
_PUT = (
    "INSERT INTO request(key, teacher, entry, task, sample, text, state, batch, reserved, created)"
    " VALUES (?, ?, ?, ?, ?, ?, 'batched', ?, ?, ?) ON CONFLICT(key) DO UPDATE SET"
    " state = 'batched', batch = excluded.batch, reserved = excluded.reserved"
)
_TOKENS = tuple(field.name for field in dataclasses.fields(Usage))


class BudgetFull(Exception):  # noqa: N818  (a state of the books, which the runner turns into an error)
    """A reservation would exceed a budget; `scopes` are those that have no room."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(", ".join(scopes))
        self.scopes = tuple(scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who asks and who pays: a run, one session of it, and the entry of the teacher."""

    run: str
    session: str
    entry: str

    @property
    def scopes(self) -> tuple[str, str]:
        """The budgets that a call of this payer counts in."""
        return f"run:{self.run}", f"teacher:{self.entry}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt ended: the outcome, what the server said, what it cost in nano-USD."""

    outcome: str
    state: State
    cost: int = 0
    source: CostSource = "none"
    reply: str | None = None
    status: int | None = None
    code: str = ""
    server_id: str = ""
    note: str = ""
    retry_after: float | None = None
    model: str = ""
    usage: Usage | None = None


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


def teacher_id(db: sqlite3.Connection, identity: str) -> int:
    """Return the row of a teacher's identity, which is made if there is none."""
    db.execute("INSERT OR IGNORE INTO teacher(identity) VALUES (?)", (identity,))
    found = db.execute("SELECT id FROM teacher WHERE identity = ?", (identity,)).fetchone()
    return int(found[0])


def set_caps(db: sqlite3.Connection, caps: Mapping[str, int | None]) -> None:
    """Set what scopes may spend in all; None is no limit. What is spent already stays, `over` too."""
    for scope, cap in caps.items():
        db.execute("INSERT OR IGNORE INTO budget(scope) VALUES (?)", (scope,))
        lowest = "SELECT max(? - over, spent + reserved) FROM budget WHERE scope = ?"
        bound = db.execute(lowest, (cap, scope)).fetchone()[0] if cap is not None else None
        db.execute("UPDATE budget SET cap = ? WHERE scope = ?", (bound, scope))


def reserve(db: sqlite3.Connection, scopes: tuple[str, str], amount: int) -> None:
    """Reserve an amount in both scopes; where one has no room, raise BudgetFull and reserve nothing."""
    try:
        query = "UPDATE budget SET reserved = reserved + ? WHERE scope IN (?, ?)"
        db.execute(query, (amount, *scopes))
    except sqlite3.IntegrityError:
        query = "SELECT scope FROM budget WHERE scope IN (?, ?) AND spent + reserved + ? > cap"
        full = {scope for (scope,) in db.execute(query, (*scopes, amount))}
        raise BudgetFull([scope for scope in scopes if scope in full]) from None


def release(db: sqlite3.Connection, scopes: tuple[str, str], reserved: int, cost: int) -> None:
    """Give a reservation back and book what it came to.

    What exceeds it is counted apart, as `over`, and leaves the limit so much lower.
    """
    within = min(cost, reserved)
    db.execute(
        "UPDATE budget SET reserved = reserved - ?1, spent = spent + ?2, over = over + ?3,"
        " cap = max(cap - ?3, spent + ?2 + reserved - ?1) WHERE scope IN (?4, ?5)",
        (reserved, within, cost - within, *scopes),
    )


def begin(
    db: sqlite3.Connection, payer: Payer, teacher: int, key: str, request: Request, worst: int
) -> int:
    """Put a request in flight with its reservation, or raise BudgetFull; return the attempt.

    Nothing was sent before this.
    """
    reserve(db, payer.scopes, worst)
    now = time.time()
    db.execute(
        "INSERT INTO request(key, teacher, entry, task, sample, text, state, reserved, created)"
        " VALUES (?, ?, ?, ?, ?, ?, 'inflight', ?, ?)"
        " ON CONFLICT(key) DO UPDATE SET state = 'inflight', reserved = excluded.reserved,"
        " entry = excluded.entry",
        (key, teacher, payer.entry, request.task, request.sample, request.text, worst, now),
    )
    return open_attempt(db, payer, key, now)


def open_attempt(db: sqlite3.Connection, payer: Payer, key: str, started: float) -> int:
    """Write an attempt down and return its number."""
    row = db.execute(
        "INSERT INTO attempt(request, entry, run, session, started) VALUES (?, ?, ?, ?, ?)",
        (key, payer.entry, payer.run, payer.session, started),
    )
    return int(row.lastrowid or 0)


def end(db: sqlite3.Connection, payer: Payer, key: str, attempt: int, ending: Ending) -> None:
    """Book how an attempt ended, raw answer and all, and give its reservation back."""
    query = "SELECT reserved, cost, elsewhere FROM request WHERE key = ?"
    reserved, cost, elsewhere = map(int, db.execute(query, (key,)).fetchone())
    release(db, payer.scopes, reserved, ending.cost)
    cost += ending.cost
    reply = ending.reply if ending.state == "done" else None
    made = reply_hash(key, reply, cost, elsewhere) if reply is not None else None
    db.execute(
        "UPDATE request SET state = ?, reserved = 0, cost = ?, reply = ?, hash = ?, batch = NULL"
        " WHERE key = ?",
        (ending.state, cost, reply, made, key),
    )
    kept = ending.reply if ending.state != "done" and ending.reply is not None else ending.note
    tokens = dataclasses.asdict(ending.usage) if ending.usage else dict.fromkeys(_TOKENS)
    row = {**dataclasses.asdict(ending), **tokens, "note": kept, "now": time.time(), "id": attempt}
    db.execute(
        "UPDATE attempt SET ended = :now, outcome = :outcome, status = :status, code = :code,"
        " server_id = :server_id, note = :note, retry_after = :retry_after, model = :model,"
        " input_tokens = :input_tokens, output_tokens = :output_tokens,"
        " cache_write_tokens = :cache_write_tokens, cache_read_tokens = :cache_read_tokens,"
        " cost = :cost, cost_source = :source WHERE id = :id",
        row,
    )


def recover(db: sqlite3.Connection) -> int:
    """Charge what a killed process had in flight at its worst case; return how many there were.

    Whoever calls this holds the ledger alone. A request that is inside a batch stays there.
    """
    query = (
        "SELECT a.id, a.request, a.run, a.session, a.entry, r.reserved FROM attempt a"
        " JOIN request r ON r.key = a.request WHERE r.state = 'inflight' AND a.outcome = 'open'"
    )
    rows = db.execute(query).fetchall()
    for attempt, key, run, session, entry, reserved in rows:
        note = "the process ended while this was in flight"
        source: CostSource = "worst-case" if reserved else "none"
        ending = Ending(outcome="unknown", state="pending", cost=reserved, source=source, note=note)
        end(db, Payer(run=run, session=session, entry=entry), key, attempt, ending)
    return len(rows)


def open_batch(
    db: sqlite3.Connection,
    payer: Payer,
    teacher: int,
    tag: str,
    items: Sequence[tuple[str, Request, int]],
) -> OpenBatch:
    """Reserve for as many requests (key, request, worst case) as the budgets bear; write the batch down.

    Where there is no room for the first, BudgetFull is raised.
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
