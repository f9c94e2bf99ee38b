"""`decisions.parquet`: every drop and edit, written as it falls and read in batches.

A corpus of any size may have been read, and most of it dropped; memory grows with neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deshi.api import Drop, Item, Place
from deshi.results import DecisionCount
from deshi.stages.parquet_tables import DECISIONS

if TYPE_CHECKING:
    from deshi.workspace.store import Store

_FILE = "decisions.parquet"
_ROW_GROUP = 1 << 16
_PLACES = ("source", "rewritten", "labelled")
_KINDS = ["place", "filter", "verdict", "reason"]

# The columns with few values: only for these is a dictionary worth its hashing.
_FEW = ["part", "place", "filter", "verdict", "reason", "detail"]


class DecisionLog:
    """The file of a stage, open for writing; counts drops by `filter: reason`."""

    def __init__(self, folder: Path) -> None:
        self._writer = pq.ParquetWriter(
            folder / _FILE,
            DECISIONS,
            compression="zstd",
            compression_level=1,
            use_dictionary=_FEW,
            write_statistics=_FEW,
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._dropped: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._flush()
        self._writer.close()

    def write(self, decisions: pa.Table) -> None:
        """Log decisions, a table of the schema `DECISIONS`."""
        why = decisions.select(["filter", "reason"])
        drops = why.filter(pc.equal(decisions["verdict"], "drop"))
        names = pc.binary_join_element_wise(drops["filter"], drops["reason"], ": ")
        for counted in names.value_counts().to_pylist():
            self._dropped[counted["values"]] += counted["counts"]
        self._waiting.append(decisions)
        self._rows += decisions.num_rows
        if self._rows >= _ROW_GROUP:
            self._flush()

    def drop(self, drops: Sequence[tuple[Item, Drop]], place: Place, by: str) -> None:
        """Log that items were dropped by what is no filter."""
        rows = [
            {
                "id": item.text.id,
                "document": item.text.document,
                "part": item.part,
                "place": place,
                "filter": by,
                "verdict": "drop",
                "reason": drop.reason,
                "detail": drop.detail,
                "text": item.text.text,
            }
            for item, drop in drops
        ]
        self.write(pa.Table.from_pylist(rows, schema=DECISIONS))

    def dropped(self) -> dict[str, int]:
        """Return how many were dropped, by `filter: reason`."""
        return dict(sorted(self._dropped.items()))

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=_ROW_GROUP)
        self._waiting, self._rows = [], 0


def decisions_file(store: Store, address: str) -> Path | None:
    """Return where the decisions of an artefact are, or None if it is gone.

    Raises:
        UsageError: the artefact is damaged.
    """
    file = store.whole(address) / _FILE
    return file if file.is_file() else None


def count_decisions(file: Path) -> tuple[DecisionCount, ...]:
    """Count decisions by place, filter and reason; edits have notes of their own and no reason."""
    counts: Counter[tuple[str, ...]] = Counter()
    for batch in batches(file, _KINDS):
        dropped = pc.equal(batch["verdict"], "drop")
        columns = [*batch.columns[:3], pc.if_else(dropped, batch["reason"], "")]
        kinds = pa.table(columns, names=_KINDS)
        for row in kinds.group_by(_KINDS).aggregate([([], "count_all")]).to_pylist():
            counts[tuple(row[name] for name in _KINDS)] += row["count_all"]
    records = [
        dict(zip(_KINDS, kind, strict=True)) | {"texts": texts} for kind, texts in counts.items()
    ]
    return tuple(sorted(msgspec.convert(records, list[DecisionCount]), key=_order))


def _order(count: DecisionCount) -> tuple[int, str, int, str, str]:
    place = _PLACES.index(count.place)
    return place, count.verdict, -count.texts, count.filter, count.reason


def batches(file: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the decisions of a file in batches, these columns or all."""
    with pq.ParquetFile(file) as source:
        yield from source.iter_batches(columns=list(columns or DECISIONS.names))


def filter_rows(batch: pa.RecordBatch, **wanted: str | None) -> pa.RecordBatch:
    """Return the rows that have these values; None is any."""
    for column, value in wanted.items():
        if value is not None:
            batch = batch.filter(pc.equal(batch[column], value))
    return batch
