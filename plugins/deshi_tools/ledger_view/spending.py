"""What was spent, on whom, for which run, and what failed, as the ledger has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deshi.labelling.ledger.reading import open_for_reading


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
