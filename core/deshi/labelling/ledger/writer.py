"""One thread owns the connection, and runs what it is handed in a transaction each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
Operation: TypeAlias = Callable[Concatenate[sqlite3.Connection, P], T]


class Writer:
    """Runs operations on a database in the order in which they are handed over.

    An operation's future is done when its transaction is on disk, short of a power cut. One that
    raises is undone.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Open the database with `connect`, in the writer's thread; raises what that raises."""
        self._thread = ThreadPoolExecutor(max_workers=1)
        try:
            self._db = self._thread.submit(connect).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def submit(self, operation: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have an operation run in a transaction; it is called with the database and the arguments."""
        return self._thread.submit(self._commit, lambda: operation(self._db, *args, **kwargs))

    def close(self) -> None:
        """Finish what was handed over and close the database."""
        self._thread.submit(self._db.close)
        self._thread.shutdown()

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
