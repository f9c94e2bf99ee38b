"""Read the decisions of a run: every drop and edit, counted, by example, or as one Parquet file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deshi.api import UsageError
from deshi.evaluate.results import DataFigures, DecisionCount
from deshi.execute.tables import DECISIONS

if TYPE_CHECKING:
    from deshi.execute.store import Store

EXPORTED = pa.schema([("stage", pa.string()), ("title", pa.string()), *DECISIONS])
"""One row a decision; `stage` is the artefact's address, `text` the text before the decision."""

_PLACES = ("source", "rewritten", "labelled")


@dataclass(frozen=True)
class Example:
    """One text that a filter dropped or edited; `detail` is what was seen, or what was changed."""

    id: str
    detail: str
    text: str


@dataclass(frozen=True)
class Selection:
    """The decisions of one filter, or with one reason, or both; None is any."""

    filter: str | None = None
    reason: str | None = None

    def has(self, count: DecisionCount) -> bool:
        """Say whether what was counted is selected."""
        return self.filter in (None, count.filter) and self.reason in (None, count.reason)

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.filter is None and self.reason is None


def decisions_of(folder: Path) -> pa.Table | None:
    """Return the decisions of an artefact, or None if it is gone."""
    file = folder / "decisions.parquet"
    return pq.read_table(file) if file.is_file() else None


def counted(decisions: pa.Table) -> tuple[DecisionCount, ...]:
    """Count decisions by place, filter and reason; edits have notes of their own and no reason."""
    dropped = pc.equal(decisions["verdict"], "drop")
    reasons = pc.if_else(dropped, decisions["reason"], "")
    names = ["place", "filter", "verdict"]
    groups = decisions.select(names).append_column("reason", reasons)
    rows = groups.group_by([*names, "reason"]).aggregate([([], "count_all")]).to_pylist()
    found = [DecisionCount(texts=row.pop("count_all"), **row) for row in rows]
    return tuple(sorted(found, key=_order))


def _order(count: DecisionCount) -> tuple[int, str, int, str, str]:
    return (
        _PLACES.index(count.place),
        count.verdict,
        -count.texts,
        count.filter,
        count.reason,
    )


def examples(decisions: pa.Table, count: DecisionCount, limit: int) -> list[Example]:
    """Return the first texts that a count counts, in the order in which they were judged."""
    dropped = count.verdict == "drop"
    rows = _where(
        decisions,
        place=count.place,
        filter=count.filter,
        verdict=count.verdict,
        reason=count.reason if dropped else None,
    )
    note = "detail" if dropped else "reason"
    return [Example(r["id"], r[note], r["text"]) for r in rows.slice(0, limit).to_pylist()]


def export(store: Store, data: Sequence[DataFigures], selection: Selection, file: Path) -> int:
    """Write the selected decisions of a run as one Parquet file; return how many there are.

    The file is written aside and renamed, so that it is whole or absent.

    Raises:
        UsageError: the file cannot be written.
    """
    aside = file.with_name(f".{file.name}-{uuid.uuid4().hex}")
    written = 0
    try:
        with pq.ParquetWriter(aside, EXPORTED, compression="zstd") as writer:
            for table in _exported(store, data, selection):
                writer.write_table(table)
                written += table.num_rows
        aside.replace(file)
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror or error}",
            where=str(file),
            mend="name a file in a folder that exists",
        ) from None
    finally:
        aside.unlink(missing_ok=True)
    return written


def _exported(
    store: Store, data: Sequence[DataFigures], selection: Selection
) -> Iterator[pa.Table]:
    for figures in data:
        decisions = decisions_of(store.folder(figures.address))
        if decisions is not None:
            rows = _where(decisions, filter=selection.filter, reason=selection.reason)
            names = ([name] * len(rows) for name in (figures.address, figures.title))
            yield pa.table([*map(pa.array, names), *rows.columns], schema=EXPORTED)


def _where(decisions: pa.Table, **wanted: str | None) -> pa.Table:
    """Return the rows that have these values; None is any."""
    for column, value in wanted.items():
        if value is not None:
            decisions = decisions.filter(pc.equal(decisions[column], value))
    return decisions
