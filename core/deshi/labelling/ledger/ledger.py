"""The open ledger of a workspace: one process at a time, one thread that owns the connection."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Concatenate, ParamSpec, Self, TypeAlias, TypeVar

from filelock import FileLock, Timeout

from deshi.api import Json, Reply, Request
from deshi.keys import canonical_json, key_of
from deshi.labelling.ledger import schema
from deshi.labelling.ledger import transitions as moves
from deshi.labelling.ledger.replies import paged, raw, replies_among, reply_hash
from deshi.labelling.ledger.sqlite_errors import explained
from deshi.labelling.ledger.transitions import Payer

FILE = "ledger.sqlite"
T = TypeVar("T")
P = ParamSpec("P")
Operation: TypeAlias = Callable[Concatenate[sqlite3.Connection, P], T]
PATIENCE_S = 15.0
"""How long another process may hold the file."""


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


class Writer:
    """Runs operations on a database in the order in which they are handed over.

    An operation's future is done when its transaction is on disk, short of a power cut. One that
    raises is undone. The thread is no executor's: those take nothing more once the main thread has
    ended, when answers that are paid may still come in.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        explain: Callable[[sqlite3.Error], Exception] | None = None,
    ) -> None:
        """Open the database with `connect`, in the writer's thread; raises what that raises.

        `explain` turns errors of SQLite into what is raised instead.
        """
        self._explain = explain
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        try:
            self._db = self._put(connect).result()
        except BaseException:
            self._queue.put(None)
            raise

    def submit(self, operation: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have an operation run in a transaction; it is called with the database and the arguments."""
        return self._put(lambda: self._commit(lambda: operation(self._db, *args, **kwargs)))

    def close(self) -> None:
        """Finish what was handed over and close the database."""
        self._put(self._db.close)
        self._queue.put(None)
        self._thread.join()

    def _put(self, call: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self._queue.put((future, call))
        return future

    def _run(self) -> None:
        while (task := self._queue.get()) is not None:
            future, call = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except sqlite3.Error as error:
                    future.set_exception(self._explain(error) if self._explain else error)
                except BaseException as error:  # noqa: BLE001  (whoever waits for the future gets it)
                    future.set_exception(error)

    def _commit(self, operation: Callable[[], T]) -> T:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            value = operation()
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return value


class Ledger:
    """The open ledger. One process writes at a time; a second one waits and says so."""

    def __init__(self, workspace: Path) -> None:
        self._path = workspace / FILE
        self._lock = FileLock(workspace / "ledger.lock")
        self._is_checked = False
        self._caps: dict[str, int | None] = {}

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0.2)
        except Timeout:
            sys.stderr.write("deshi: the ledger is in use; waiting for it\n")
            self._lock.acquire()
        try:
            self._writer = Writer(self._connect, lambda error: explained(error, self._path))
            self.run(moves.recover)
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._writer.close()
        self._lock.release()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=PATIENCE_S)
        db.text_factory = text_of
        try:
            schema.prepare(db, str(self._path))
        except BaseException:
            db.close()
            raise
        return db

    def run(self, operation: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an operation on the tables and wait until it is on disk."""
        return self._writer.submit(operation, *args, **kwargs).result()

    def teacher(self, identity: Json) -> int:
        """Return the row of a teacher's identity."""
        return self.run(moves.teacher_id, canonical_json(identity))

    def find(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Return the stored replies among some keys."""
        return self.run(replies_among, keys)

    def check(self) -> None:
        """Check the file as a whole, once: an answer that is not found there is about to be paid.

        Raises:
            UsageError: it is damaged, so that an answer may be there and not be found.
        """
        if not self._is_checked:
            found = self.run(lambda db: db.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if found != "ok":
                raise explained(str(found), self._path)
            self._is_checked = True

    def cost(self, keys: Iterable[str]) -> int:
        """Return what some requests cost in nano-USD, answered or not, here or in another workspace."""
        query = "SELECT cost + elsewhere FROM request WHERE key IN ({})"
        return sum(cost for (cost,) in self.run(paged, query, list(dict.fromkeys(keys))))

    def note_reuse(self, payer: Payer, answers: int, cost: int) -> None:
        """Count answers that a run needed and found, and what they had cost, whoever paid it."""
        self.run(
            sqlite3.Connection.execute,
            "INSERT INTO reuse VALUES (?, ?, ?, ?) ON CONFLICT(run, entry) DO UPDATE SET"
            " answers = answers + excluded.answers, saved = saved + excluded.saved",
            (payer.run, payer.entry, answers, cost),
        )

    def record(
        self, identity: Json, entry: str, answers: Iterable[tuple[str, Request, Reply]]
    ) -> Future[sqlite3.Cursor]:
        """Store replies that cost nothing, by key; they are on disk when the future is done."""
        teacher = self.teacher(identity)
        now = time.time()
        rows = [
            (key, teacher, entry, r.task, r.sample, r.text, kept, reply_hash(key, kept), now)
            for key, r, reply in answers
            for kept in (raw(reply),)
        ]
        return self._writer.submit(
            sqlite3.Connection.executemany,
            "INSERT INTO request(key, teacher, entry, task, sample, text, state, reply, hash,"
            " created) VALUES (?, ?, ?, ?, ?, ?, 'done', ?, ?, ?) ON CONFLICT(key) DO UPDATE SET"
            " state = 'done', reply = excluded.reply,"
            " hash = reply_hash(key, excluded.reply, cost, elsewhere)"
            " WHERE state IN ('pending', 'failed')",
            rows,
        )

    async def operate(self, operation: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an operation on the tables; it is on disk when this returns."""
        return await asyncio.wrap_future(self._writer.submit(operation, *args, **kwargs))

    def set_caps(self, caps: Mapping[str, int | None]) -> None:
        """Set what scopes may spend in all, in nano-USD; None is no limit."""
        self._caps |= caps
        self.run(moves.set_caps, caps)

    def is_capped(self, payer: Payer) -> bool:
        """Say whether a limit holds for a payer."""
        return any(self._caps.get(scope) is not None for scope in payer.scopes)

    def failed(self, session: str, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return outcome and note of the requests among some keys that failed in this session."""
        query = (
            "SELECT a.request, a.outcome, a.note FROM attempt a JOIN request r ON r.key = a.request"
            " WHERE r.state = 'failed' AND a.session = ?1 AND a.request IN ({}) ORDER BY a.id"
        )
        rows = self.run(paged, query, keys, session)
        return {key: (outcome, note) for key, outcome, note in rows}


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a ledger's file without the right to change it, nor its folder, if nobody may."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    db = sqlite3.connect(uri, uri=True, timeout=PATIENCE_S)
    db.text_factory = text_of
    try:
        db.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError as error:
        db.close()
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        db = sqlite3.connect(f"{uri}&immutable=1", uri=True)
        db.text_factory = text_of
    except BaseException:
        db.close()
        raise
    return db


def text_of(stored: bytes) -> str:
    """Return a stored text; bytes that are none stay, so that its hash tells of them."""
    return stored.decode("utf-8", "surrogateescape")
