"""One thread owns the connection; what is handed to it together is committed together."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_TOGETHER = 256


class Writer:
    """Runs operations on a database in the order in which they are handed over.

    An operation's future is done when its transaction is on disk, short of a power cut. An operation
    that raises is undone alone: those committed with it stand.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Open the database with `connect`, in the writer's thread; raises what that raises."""
        self._queue: SimpleQueue[tuple[Callable[[Any], Any], Future[Any]] | None] = SimpleQueue()
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(connect, opened), daemon=True)
        self._thread.start()
        opened.result()

    def submit(self, operation: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Have an operation run in the next transaction."""
        future: Future[T] = Future()
        self._queue.put((operation, future))
        return future

    def close(self) -> None:
        """Finish what was handed over and close the database."""
        self._queue.put(None)
        self._thread.join()

    def _run(self, connect: Callable[[], sqlite3.Connection], opened: Future[None]) -> None:
        try:
            db = connect()
        except BaseException as error:  # noqa: BLE001  (it is raised where the writer was made)
            opened.set_exception(error)
            return
        opened.set_result(None)
        going = True
        while going:
            taken = self._take_batch()
            going = None not in taken
            self._commit(db, [operation for operation in taken if operation is not None])
        db.close()

    def _take_batch(self) -> list[tuple[Callable[[Any], Any], Future[Any]] | None]:
        """Wait for an operation and return it with all that are queued behind it."""
        taken = [self._queue.get()]
        while len(taken) < _TOGETHER and taken[-1] is not None:
            try:
                taken.append(self._queue.get_nowait())
            except Empty:
                break
        return taken

    @staticmethod
    def _commit(
        db: sqlite3.Connection, operations: list[tuple[Callable[[Any], Any], Future[Any]]]
    ) -> None:
        operations = [
            operation for operation in operations if operation[1].set_running_or_notify_cancel()
        ]
        if not operations:
            return
        done: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            db.execute("BEGIN IMMEDIATE")
            done.extend((future, *_in_savepoint(db, run)) for run, future in operations)
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            done = [(future, None, error) for _, future in operations]
        for future, value, failure in done:
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(failure)


def _in_savepoint(
    db: sqlite3.Connection, run: Callable[[sqlite3.Connection], Any]
) -> tuple[Any, BaseException | None]:
    """Run one operation inside a savepoint; return its value, or what it raised, undone."""
    db.execute("SAVEPOINT one")
    try:
        value = run(db)
    except BaseException as error:  # noqa: BLE001  (whoever waits for the future gets it)
        db.execute("ROLLBACK TO one")
        db.execute("RELEASE one")
        return None, error
    db.execute("RELEASE one")
    return value, None
