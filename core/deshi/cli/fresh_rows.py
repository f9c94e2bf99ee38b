"""`--fresh ROW`: a row is trained, predicts and is scored again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from deshi.engine.fresh import discard, without_rows
from deshi.results import Row
from deshi.runs.row_names import find_row, table_names

if TYPE_CHECKING:
    from deshi.engine.prepared import Prepared


def with_fresh(prepared: Prepared, names: Sequence[str]) -> Prepared:
    """Return a plan in which the named rows are still to be made; a row is named as everywhere.

    Raises:
        UsageError: no row is called so, or several are, or it is one that cannot run.
    """
    rows = {
        row.id: Row(id=row.id, cell=row.cell.labels(), group=row.group, gold=row.gold,
                    baseline=row.cell.baseline, status="ok")
        for row in prepared.plan.rows if row.runs
    }  # fmt: skip
    called = table_names(rows.values())
    return without_rows(prepared, {find_row(name, rows, "--fresh", called) for name in names})


def make_again(prepared: Prepared, names: Sequence[str], *, skip: bool) -> None:
    """Discard what is there of rows, and say so."""
    stages = discard(with_fresh(prepared, names), skip=skip)
    click.echo(f"deshi: --fresh {', '.join(names)}: {stages} stages are made again", err=True)
