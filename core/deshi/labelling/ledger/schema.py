"""The tables of the ledger, and how a ledger of an earlier deshi becomes one of this.

Amounts are whole nano-USD. `request` has one row per request, whatever run needed it, and the
hash of its reply; `attempt` one per
try, which is evidence and never changed once it has ended; `batch` one per batch that was handed over;
`budget` one per scope, `run:NAME` and `teacher:ENTRY`, whose limit is a constraint of the table:
whatever would exceed it is refused by SQLite itself, before the call.
"""

from __future__ import annotations

import sqlite3

from deshi.api import UsageError
from deshi.labelling.ledger.replies import reply_hash

VERSION = 3

_META = "CREATE TABLE IF NOT EXISTS meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT"
_TABLES = (
    """CREATE TABLE teacher(
      id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE) STRICT""",
    """CREATE TABLE batch(
      tag TEXT PRIMARY KEY, entry TEXT NOT NULL, run TEXT NOT NULL, session TEXT NOT NULL,
      teacher INTEGER NOT NULL REFERENCES teacher(id), server_id TEXT UNIQUE,
      state TEXT NOT NULL CHECK(state IN ('submitting', 'submitted', 'ingested', 'lost')),
      requests INTEGER NOT NULL, created REAL NOT NULL, ended REAL,
      CHECK((state IN ('submitted', 'ingested')) = (server_id IS NOT NULL))) STRICT""",
    """CREATE TABLE request(
      key TEXT PRIMARY KEY CHECK(length(key) = 32),
      teacher INTEGER NOT NULL REFERENCES teacher(id), entry TEXT NOT NULL, task TEXT NOT NULL,
      sample INTEGER NOT NULL CHECK(sample >= 0), text TEXT NOT NULL,
      state TEXT NOT NULL CHECK(state IN ('pending', 'inflight', 'batched', 'done', 'failed')),
      batch TEXT REFERENCES batch(tag),
      reserved INTEGER NOT NULL DEFAULT 0 CHECK(reserved >= 0),
      cost INTEGER NOT NULL DEFAULT 0 CHECK(cost >= 0),
      elsewhere INTEGER NOT NULL DEFAULT 0 CHECK(elsewhere >= 0),
      reply TEXT, hash TEXT, created REAL NOT NULL,
      CHECK((state = 'done') = (reply IS NOT NULL)),
      CHECK(state IN ('inflight', 'batched') OR reserved = 0),
      CHECK((state = 'batched') = (batch IS NOT NULL))) STRICT""",
    """CREATE INDEX request_open ON request(state) WHERE state IN ('inflight', 'batched')""",
    """CREATE TABLE attempt(
      id INTEGER PRIMARY KEY, request TEXT NOT NULL REFERENCES request(key),
      entry TEXT NOT NULL, run TEXT NOT NULL, session TEXT NOT NULL,
      started REAL NOT NULL, ended REAL, outcome TEXT NOT NULL DEFAULT 'open',
      status INTEGER, code TEXT NOT NULL DEFAULT '', server_id TEXT NOT NULL DEFAULT '',
      note TEXT NOT NULL DEFAULT '', retry_after REAL, model TEXT NOT NULL DEFAULT '',
      input_tokens INTEGER, output_tokens INTEGER,
      cache_write_tokens INTEGER, cache_read_tokens INTEGER,
      cost INTEGER NOT NULL DEFAULT 0 CHECK(cost >= 0), cost_source TEXT NOT NULL DEFAULT 'none',
      CHECK((outcome = 'open') = (ended IS NULL))) STRICT""",
    """CREATE INDEX attempt_request ON attempt(request)""",
    """CREATE TABLE budget(
      scope TEXT PRIMARY KEY, cap INTEGER,
      spent INTEGER NOT NULL DEFAULT 0 CHECK(spent >= 0),
      reserved INTEGER NOT NULL DEFAULT 0 CHECK(reserved >= 0),
      over INTEGER NOT NULL DEFAULT 0 CHECK(over >= 0),
      CONSTRAINT within_budget CHECK(cap IS NULL OR spent + reserved <= cap)) STRICT""",
    """CREATE TABLE reuse(
      run TEXT NOT NULL, entry TEXT NOT NULL, answers INTEGER NOT NULL, saved INTEGER NOT NULL,
      PRIMARY KEY(run, entry)) STRICT""",
)
_FROM_1 = (
    "INSERT INTO teacher(identity) SELECT DISTINCT teacher FROM answer",
    """INSERT INTO request(key, teacher, entry, task, sample, text, state, reply, created)
      SELECT a.key, t.id, '', a.task, a.sample, a.text, 'done', a.reply, a.created
      FROM answer a JOIN teacher t ON t.identity = a.teacher""",
    "DROP TABLE answer",
)
_STEPS = {
    0: _TABLES,
    1: (*_TABLES, *_FROM_1),
    2: ("ALTER TABLE request ADD COLUMN hash TEXT",),  # of the replies from here on
}


def version_of(db: sqlite3.Connection, where: str) -> int:
    """Return the schema of a ledger, 0 for an empty file.

    Raises:
        UsageError: a later deshi wrote it.
    """
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return 0
    found = db.execute("SELECT v FROM meta WHERE k = 'schema'").fetchone()
    if found is None or found[0] in map(str, range(1, VERSION + 1)):
        return int(found[0]) if found else 0
    raise UsageError(
        f"has schema {found[0]}, and this deshi reads {VERSION}",
        where=where,
        fix="use the deshi that wrote it, or name another workspace",
    )


def prepare(db: sqlite3.Connection, where: str) -> None:
    """Make the tables, or bring those of an earlier deshi up to date; all of it or nothing."""
    db.execute("PRAGMA journal_mode=WAL")
    # survives a kill; a power cut may cost the last commits
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("PRAGMA foreign_keys=ON")
    db.create_function("reply_hash", 4, reply_hash, deterministic=True)
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(_META)
        version = version_of(db, where)
        if version < VERSION:
            for statement in _STEPS[version]:
                db.execute(statement)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(VERSION),))
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
