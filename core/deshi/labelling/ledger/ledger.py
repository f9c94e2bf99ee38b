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

import msgspec
from filelock import FileLock, Timeout

from deshi.api import Json, Reply, Request, UsageError
from deshi.keys import canonical_json, key_of
from deshi.labelling.ledger import schema
from deshi.labelling.ledger import transitions as moves
from deshi.labelling.ledger.transitions import Payer

FILE = "ledger.sqlite"
T = TypeVar("T")
P = ParamSpec("P")
Operation: TypeAlias = Callable[Concatenate[sqlite3.Connection, P], T]
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


def raw(reply: Reply) -> str:
    """Return a reply as the ledger keeps it; what fed the pacing alone is left out."""
    kept = {
        name: value for name in _KEPT if (value := getattr(reply, name)) != getattr(_EMPTY, name)
    }
    return msgspec.json.encode({"content": reply.content, **kept}).decode()


_EMPTY = Reply(content="")
_KEPT = ("finish", "model", "usage", "cost", "meta")


class Writer:
    """Runs operations on a database in the order in which they are handed over.

    An operation's future is done when its transaction is on disk, short of a power cut. One that
    raises is undone. The thread is no executor's: those take nothing more once the main thread has
    ended, when answers that are paid may still come in.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Open the database with `connect`, in the writer's thread; raises what that raises."""
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
        self._caps: dict[str, int | None] = {}

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0.2)
        except Timeout:
            sys.stderr.write("deshi: the ledger is in use; waiting for it\n")
            self._lock.acquire()
        try:
            self._writer = Writer(self._connect)
            self.run(moves.recover)
        except BaseException as error:
            self._lock.release()
            if not isinstance(error, sqlite3.DatabaseError):
                raise
            what = f"cannot be read as a ledger: {error}"
            fix = "move the file away, or name another workspace"
            raise UsageError(what, where=str(self._path), fix=fix) from None
        return self

    def __exit__(self, *_error: object) -> None:
        self._writer.close()
        self._lock.release()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None)
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

    def cost(self, keys: Iterable[str]) -> int:
        """Return what some requests cost in nano-USD, answered or not, here or in another workspace."""
        query = "SELECT cost + elsewhere FROM request WHERE key IN ({})"
        return sum(cost for (cost,) in self.run(_paged, query, list(dict.fromkeys(keys))))

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
            (key, teacher, entry, r.task, r.sample, r.text, raw(reply), now)
            for key, r, reply in answers
        ]
        return self._writer.submit(
            sqlite3.Connection.executemany,
            "INSERT INTO request(key, teacher, entry, task, sample, text, state, reply, created)"
            " VALUES (?, ?, ?, ?, ?, ?, 'done', ?, ?) ON CONFLICT(key) DO UPDATE SET"
            " state = 'done', reply = excluded.reply WHERE state IN ('pending', 'failed')",
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
        rows = self.run(_paged, query, keys, session)
        return {key: (outcome, note) for key, outcome, note in rows}


def _paged(
    db: sqlite3.Connection, query: str, keys: Sequence[str], *first: str
) -> list[tuple[Any, ...]]:
    """Return the rows of a query that asks for keys, some hundred at a time."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(keys), _PAGE):
        page = keys[start : start + _PAGE]
        marks = ",".join(f"?{n + 1 + len(first)}" for n in range(len(page)))
        rows += db.execute(query.format(marks), (*first, *page)).fetchall()
    return rows


def replies_among(db: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Reply]:
    """Return the stored replies among some keys."""
    query = "SELECT key, reply FROM request WHERE state = 'done' AND key IN ({})"
    rows = _paged(db, query, keys)
    return {key: msgspec.json.decode(reply, type=Reply) for key, reply in rows}


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a ledger's file without the right to change it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
