"""Write decisions as they fall, so that memory does not grow with the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deshi.api import Drop, Item, Place
from deshi.stages.parquet_tables import DECISIONS

_ROW_GROUP = 1 << 16

# The columns with few values: only for these is a dictionary worth its hashing.
_FEW = ["part", "place", "filter", "verdict", "reason", "detail"]


class DecisionLog:
    """`decisions.parquet`, open for writing; counts drops by `filter: reason`."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(
            path,
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
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
