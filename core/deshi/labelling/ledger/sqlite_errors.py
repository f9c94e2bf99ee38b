"""What an error of SQLite means for a ledger, which holds answers that were paid."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from deshi.api import UsageError

_AGAIN = "run the same command again; no stored answer is lost"
_FULL = f"free some space or check the disk, and {_AGAIN}"
_SAID = {
    sqlite3.SQLITE_BUSY: ("is in use by another process", f"wait until that ends, and {_AGAIN}"),
    sqlite3.SQLITE_LOCKED: ("is in use by another process", f"wait until that ends, and {_AGAIN}"),
    sqlite3.SQLITE_READONLY: ("cannot be written", "change its permissions"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "change its permissions and its folder's"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", _FULL),
    sqlite3.SQLITE_FULL: ("cannot be written", _FULL),
}
_KEEP = (
    "keep it: `deshi ledger export FILE` writes the answers that can be read, and `deshi ledger "
    "repair` makes a new ledger of them beside it"
)


def explained(error: sqlite3.Error | str, path: Path) -> UsageError:
    """Return what to say and to do where SQLite raised an error, or found damage, in a ledger."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    what, fix = _SAID.get(code & 0xFF, ("cannot be read as a ledger", _KEEP))
    return UsageError(f"{what}: {error}", where=str(path), fix=fix)
