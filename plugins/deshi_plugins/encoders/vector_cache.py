"""A cache of vectors, in a file that processes may share.

Each vector has a hash, and one that is damaged is not there; a file that is damaged is begun anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from filelock import FileLock

# SQLite takes at least 999 parameters in a statement.
_AT_A_TIME = 900
_PATIENCE_S = 120.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS checked"
    " (text BLOB PRIMARY KEY, vector BLOB, hash BLOB) WITHOUT ROWID"
)
_NO_DAMAGE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
    }
)
T = TypeVar("T")


class VectorCache:
    """Vectors of one encoder by text. Nothing is ever changed, so whoever comes second reads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._do(lambda _: None)

    @classmethod
    def of(cls, folder: Path, identity: str) -> VectorCache:
        """Return the cache of an encoder below a folder; identities name files of their own."""
        name = hashlib.sha256(identity.encode()).hexdigest()[:32]
        return cls(folder / "vectors" / f"{name}.sqlite")

    def find(self, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the vectors that are there, by text."""
        names = {_name(text): text for text in texts}
        vectors: dict[str, npt.NDArray[np.float32]] = {}
        keys = list(names)
        for start in range(0, len(keys), _AT_A_TIME):
            few = keys[start : start + _AT_A_TIME]
            query = f"SELECT * FROM checked WHERE text IN ({','.join('?' * len(few))})"  # noqa: S608
            for key, vector, made in self._do(lambda db: db.execute(query, few).fetchall()):  # noqa: B023
                if key in names and made == _hash(key, vector):
                    vectors[names[key]] = np.frombuffer(vector, dtype="<f4")
        return vectors

    def add(self, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Keep vectors."""
        named = [(_name(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
        rows = [(key, vector, _hash(key, vector)) for key, vector in named]
        put = "INSERT OR REPLACE INTO checked VALUES (?, ?, ?)"
        self._do(lambda db: db.executemany(put, rows))

    def lock(self, text: str) -> FileLock:
        """Return the lock of whoever computes the portion that begins with a text."""
        return FileLock(self._file.with_name(f"{self._file.stem}-{_name(text).hex()[:16]}.lock"))

    def _do(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Run an operation on the table, on an empty one if the file is damaged."""
        try:
            return self._try(operation)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_DAMAGE:
                raise
            for end in ("", "-journal"):
                self._file.with_name(self._file.name + end).unlink(missing_ok=True)
            return self._try(operation)

    def _try(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        with closing(sqlite3.connect(self._file, timeout=_PATIENCE_S)) as database, database:
            database.execute(_TABLE)
            return operation(database)


def _hash(key: bytes, vector: object) -> bytes:
    kept = vector if isinstance(vector, bytes) else b""
    return hashlib.blake2b(key + kept, digest_size=16).digest()


def _name(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
