"""Read `decisions.parquet` in batches: most of a large corpus may have been dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deshi.results import DecisionCount
from deshi.stages.parquet_tables import DECISIONS

if TYPE_CHECKING:
    from deshi.workspace.store import Store

_PLACES = ("source", "rewritten", "labelled")
_KINDS = ["place", "filter", "verdict", "reason"]


def decisions_file(store: Store, address: str) -> Path | None:
    """Return where the decisions of an artefact are, or None if it is gone."""
    file = store.folder(address) / "decisions.parquet"
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
