"""The decisions of a run, every drop and edit: by example, or as one Parquet file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from deshi.results import DataFigures, DecisionCount
from deshi.stages.decision_log import batches, decisions_file, filter_rows
from deshi.stages.parquet_tables import DECISIONS
from deshi_tools.tables.atomic_file import whole

if TYPE_CHECKING:
    from deshi.workspace.store import Store


EXPORTED = pa.schema([("stage", pa.string()), ("title", pa.string()), *DECISIONS])
"""One row per decision; `stage` is the artefact's address, `text` the text before the decision."""


@dataclass(frozen=True)
class Example:
    """One text that a filter dropped or edited; `detail` is what was seen, or what was changed."""

    id: str
    detail: str
    text: str


@dataclass(frozen=True)
class DecisionFilter:
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


def examples(
    file: Path, counts: Sequence[DecisionCount], limit: int
) -> Mapping[DecisionCount, list[Example]]:
    """Return the first `limit` texts of each count, in the order in which they were decided on."""
    found: dict[DecisionCount, list[Example]] = {count: [] for count in counts}
    for batch in batches(file):
        lacking = [c for c in counts if len(found[c]) < min(limit, c.texts)]
        if not lacking:
            break
        for count in lacking:
            dropped = count.verdict == "drop"
            wanted = {"place": count.place, "filter": count.filter, "verdict": count.verdict}
            rows = filter_rows(batch, **wanted, reason=count.reason if dropped else None)
            note = "detail" if dropped else "reason"
            found[count] += [
                Example(row["id"], row[note], row["text"])
                for row in rows.slice(0, limit - len(found[count])).to_pylist()
            ]
    return found


def export(store: Store, data: Sequence[DataFigures], selection: DecisionFilter, file: Path) -> int:
    """Write the selected decisions of a run as one Parquet file; return how many there are.

    The file is written aside and renamed, so that it is whole or absent.

    Raises:
        UsageError: the file cannot be written.
    """
    written = 0
    with whole(file) as aside, pq.ParquetWriter(aside, EXPORTED, compression="zstd") as writer:
        for batch in _exported(store, data, selection):
            writer.write_batch(batch)
            written += batch.num_rows
    return written


def _exported(
    store: Store, data: Sequence[DataFigures], selection: DecisionFilter
) -> Iterator[pa.RecordBatch]:
    for figures in data:
        file = decisions_file(store, figures.address)
        for batch in batches(file) if file is not None else ():
            rows = filter_rows(batch, filter=selection.filter, reason=selection.reason)
            names = (pa.repeat(name, len(rows)) for name in (figures.address, figures.title))
            yield pa.RecordBatch.from_arrays([*names, *rows.columns], schema=EXPORTED)
