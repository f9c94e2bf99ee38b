"""A cache of vectors, in a file that processes may share."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock

# SQLite takes at least 999 parameters in a statement.
_AT_A_TIME = 900
_PATIENCE_S = 120.0


class VectorCache:
    """Vectors of one encoder by text. Nothing is ever changed, so whoever comes second reads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )

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
        with self._open() as database:
            for start in range(0, len(keys), _AT_A_TIME):
                few = keys[start : start + _AT_A_TIME]
                marks = ",".join("?" * len(few))
                query = f"SELECT text, vector FROM vectors WHERE text IN ({marks})"  # noqa: S608
                for key, vector in database.execute(query, few):
                    vectors[names[key]] = np.frombuffer(vector, dtype="<f4")
        return vectors

    def add(self, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Keep vectors; one that another process has kept meanwhile stays."""
        rows = [(_name(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
        with self._open() as database:
            database.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)

    def lock(self, text: str) -> FileLock:
        """Return the lock of whoever computes the portion that begins with a text."""
        return FileLock(self._file.with_name(f"{self._file.stem}-{_name(text).hex()[:16]}.lock"))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=_PATIENCE_S)) as database, database:
            yield database


def _name(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
