"""Replies as the ledger keeps them: raw, each with a hash that is compared when it is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from deshi.api import Reply, UsageError
from deshi.keys import key_of

REPAIR = (
    "`deshi ledger import` of an export brings it back, and `deshi ledger repair` drops it, so that "
    "the next run asks again"
)
_PAGE = 500
_EMPTY = Reply(content="")
_KEPT = ("finish", "model", "usage", "cost", "meta")


def raw(reply: Reply) -> str:
    """Return a reply as the ledger keeps it; what fed the pacing alone is left out."""
    kept = {
        name: value for name in _KEPT if (value := getattr(reply, name)) != getattr(_EMPTY, name)
    }
    return msgspec.json.encode({"content": reply.content, **kept}).decode()


def reply_hash(key: str, reply: str, cost: int = 0, elsewhere: int = 0) -> str:
    """Return the hash of a stored reply: of the request's key, what was said and what it cost."""
    return key_of([key, reply, cost, elsewhere])


def read_reply(key: str, state: str, reply: object, made: object, *costs: int) -> Reply | None:
    """Return a reply as a row of the ledger has it, or None if it is damaged.

    `made` is the hash that was stored with it: None in a row that is older than hashes.
    """
    if state != "done" or not isinstance(reply, str):
        return None
    if made is not None and made != reply_hash(key, reply, *costs):
        return None
    try:
        return msgspec.json.decode(reply, type=Reply)
    except (msgspec.DecodeError, UnicodeError):
        return None


def paged(
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
    """Return the stored replies among some keys.

    Raises:
        UsageError: one is damaged; it is paid, so nobody asks for it again unasked.
    """
    query = (
        "SELECT entry, key, state, reply, hash, cost, elsewhere FROM request"
        " WHERE (state = 'done' OR reply IS NOT NULL) AND key IN ({})"
    )
    found: dict[str, Reply] = {}
    for entry, key, *rest in paged(db, query, keys):
        reply = read_reply(key, *rest)
        if reply is None:
            where = f"ledger: teacher '{entry}', answer {key}"
            raise UsageError("is damaged", where=where, fix=REPAIR)
        found[key] = reply
    return found
