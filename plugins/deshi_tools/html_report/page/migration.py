"""The change of teacher that a benchmark planned, for the page: words, figures to draw, and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import Json
from deshi_tools.migration.compare_teachers import migration
from deshi_tools.migration.tables import SHOWN, sentences, tables
from deshi_tools.tables.table import Table

if TYPE_CHECKING:
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.migration.agreement import Figure


def planned(run: SavedRun) -> Json:
    """Return what the page shows of the planned change of teacher; None where none was planned.

    Raises:
        UsageError: one of the two is no teacher of the run, or an artefact was removed.
    """
    plan = run.results.benchmark.get("migration")
    if plan is None:
        return None
    found = migration(run, run.registry, plan["from"], plan["to"])
    own = found.agreement[0]
    gains = [one for one in found.emoji if one.difference > 0][:SHOWN]
    losses = [one for one in found.emoji if one.difference < 0][-SHOWN:]
    return {
        "first": found.first,
        "second": found.second,
        "verdict": found.decision.verdict if found.decision else None,
        "sentences": list(sentences(found)),
        "metric": own.metric,
        "agreement": [
            [f"{found.first}, {found.second}", *_ends(own.between)],
            [f"{found.first}, itself", *_ends(own.first)],
            [f"{found.second}, itself", *_ends(own.second)],
            ["other texts", *_ends(own.chance)],
        ],
        "emoji": [[m.emoji, m.name, m.difference, m.low, m.high, m.p] for m in (*gains, *losses)],
        "tables": [_table(table) for table in tables(found).values()],
    }


def _ends(figure: Figure) -> list[Json]:
    return [figure.value, figure.low, figure.high]


def _table(table: Table) -> Json:
    return {
        "title": table.title,
        "columns": [column.name for column in table.columns],
        "numbers": [column.align == "right" for column in table.columns],
        "lines": [[line.section, *table.text(line)] for line in table.lines],
        "caption": table.caption,
    }
