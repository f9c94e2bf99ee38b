"""Turn each row's figures of each emoji into a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from deshi_tools.tables.table import Column, Line, Scalar, Table

if TYPE_CHECKING:
    from deshi_tools.error_analysis.per_emoji import EmojiFigures


def emoji_table(run: str, rows: Mapping[str, Sequence[EmojiFigures]]) -> Table:
    """Return one line an emoji, a section a row."""
    columns = (
        Column("emoji"),
        Column("name"),
        Column("group", wide=True),
        *(Column(name, "right") for name in ("gold", "predicted")),
        *(Column(name, "right", decimals=3) for name in ("precision", "recall", "F1")),
    )
    lines = tuple(
        Line(_values(one), section=row if at == 0 else "")
        for row, figures in rows.items()
        for at, one in enumerate(figures)
    )
    note = (
        "gold, predicted: test texts whose gold or prediction has the emoji, mean over runs; "
        "precision, recall and F1 over the texts of all runs. Empty: never predicted, or never in "
        "the gold."
    )
    return Table(f"{run}: per emoji", columns, lines, (note,))


def _values(one: EmojiFigures) -> tuple[Scalar, ...]:
    ratios = (one.precision, one.recall, one.f1)
    return (one.emoji, one.name, one.group, one.gold, one.predicted, *ratios)
