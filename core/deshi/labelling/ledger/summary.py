"""Read the ledger without taking it: what was spent, on whom, for which run, and what failed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from deshi.api import Reply, UsageError
from deshi.labelling.ledger.ledger import FILE, Ledger, open_to_read

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """One line of the books. Amounts are nano-USD; `kind` says what `name` names.

    `answers` counts what was answered, `attempts` every try at a teacher that is far away, `reused`
    answers that were needed and found; `reserved` is what is in flight, or was when a process died.
    """

    kind: str
    name: str
    answers: int = 0
    attempts: int = 0
    failed: int = 0
    spent: int = 0
    reserved: int = 0
    cap: int | None = None
    reused: int = 0
    saved: int = 0


def spending(workspace: Path) -> Iterator[Spending]:
    """Yield the books by teacher, by model, by run, and the attempts without an answer by outcome.

    Raises:
        UsageError: there is no ledger.
    """
    with open_for_reading(workspace) as db:
        yield from _scopes(db, "teacher", "entry")
        for name, attempts, answers, spent in db.execute(
            "SELECT model, count(*), sum(outcome = 'ok'), sum(cost) FROM attempt"
            " WHERE model != '' GROUP BY model ORDER BY model"
        ):
            yield Spending(kind="model", name=name, answers=answers, attempts=attempts, spent=spent)
        yield from _scopes(db, "run", "run")
        for name, attempts, spent in db.execute(
            "SELECT outcome, count(*), sum(cost) FROM attempt"
            " WHERE outcome NOT IN ('ok', 'open') GROUP BY outcome ORDER BY outcome"
        ):
            yield Spending(
                kind="outcome", name=name, attempts=attempts, failed=attempts, spent=spent
            )


def _scopes(db: sqlite3.Connection, kind: str, column: str) -> Iterator[Spending]:
    answered = (
        "SELECT entry, count(*) FROM request WHERE state = 'done' GROUP BY entry"
        if kind == "teacher"
        else "SELECT run, sum(outcome = 'ok') FROM attempt GROUP BY run"
    )
    answers = dict(db.execute(answered).fetchall())
    tried = f"SELECT {column}, count(*), sum(outcome != 'ok') FROM attempt GROUP BY {column}"  # noqa: S608
    attempts = {name: rest for name, *rest in db.execute(tried)}
    reuse = f"SELECT {column}, sum(answers), sum(saved) FROM reuse GROUP BY {column}"  # noqa: S608
    reused = {name: rest for name, *rest in db.execute(reuse)}
    query = "SELECT scope, spent + over, reserved, cap + over FROM budget WHERE scope LIKE ?"
    budgets = {scope.partition(":")[2]: rest for scope, *rest in db.execute(query, (f"{kind}:%",))}
    for name in sorted({*answers, *attempts, *reused, *budgets} - {""}):
        tries, failed = attempts.get(name, (0, 0))
        spent, reserved, cap = budgets.get(name, (0, 0, None))
        again, saved = reused.get(name, (0, 0))
        yield Spending(
            kind=kind,
            name=name,
            answers=answers.get(name, 0),
            attempts=tries,
            failed=failed,
            spent=spent,
            reserved=reserved,
            cap=cap,
            reused=again,
            saved=saved,
        )


def stored_replies(workspace: Path, keys: Sequence[str]) -> dict[str, Reply]:
    """Return the stored answers among some keys; nothing where there is no ledger."""
    found: dict[str, Reply] = {}
    if not (workspace / FILE).is_file():
        return found
    with open_for_reading(workspace) as db:
        for start in range(0, len(keys), _PAGE):
            page = keys[start : start + _PAGE]
            marks = ",".join("?" * len(page))
            query = f"SELECT key, reply FROM request WHERE state = 'done' AND key IN ({marks})"  # noqa: S608
            for key, reply in db.execute(query, page):
                found[key] = msgspec.json.decode(reply, type=Reply)
    return found


@contextlib.contextmanager
def open_for_reading(workspace: Path) -> Iterator[sqlite3.Connection]:
    """Open the ledger to read; one of an earlier deshi is brought up to date first."""
    path = workspace / FILE
    if not path.is_file():
        raise UsageError("there is no ledger yet", where=str(workspace), fix="try `deshi run FILE`")
    db = open_to_read(path)
    try:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'budget'").fetchone():
            db.close()
            with Ledger(workspace):
                pass
            db = open_to_read(path)
        yield db
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"cannot be read as a ledger: {error}",
            where=str(path),
            fix="move the file away, or name another workspace",
        ) from None
    finally:
        db.close()
