"""Run the source filters over texts in columns, and say what each row lost its place for.

A filter that judges batches gets columns; for any other, rows are made of what has come so far. The
verdicts are the same either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import ComponentError, Drop, Edit, Item, Part, Text, Verdict
from deshi.execute.columns import texts_of
from deshi.execute.filtering import BuiltFilter
from deshi.execute.tables import DECISIONS

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

PARTS: tuple[Part, ...] = ("train", "valid", "test")

_VERDICTS = pa.schema([(name, pa.string()) for name in ("reason", "detail", "note", "text")])


class Screened:
    """Texts on their way through the filters.

    Attributes:
        rows: The rows of the batch that are left, in order.
        left: Their texts, as edited.
    """

    def __init__(self, batch: pa.RecordBatch, parts: Ints, rows: Ints) -> None:
        """Begin with some rows of a batch; `parts` index `PARTS`, shape (rows of the batch,)."""
        self.batch = batch
        self.parts = parts
        self.rows = rows
        self.left = batch["text"]
        if len(rows) < batch.num_rows:
            self.left = self.left.take(pa.array(rows))
        self._logged: list[tuple[Ints, pa.RecordBatch]] = []

    def screen(self, filters: Sequence[BuiltFilter]) -> None:
        """Let all filters judge in turn.

        Raises:
            ComponentError: a filter returned the wrong number of verdicts, or the wrong columns.
        """
        for built in filters:
            chosen = np.arange(len(self.rows))
            if built.training_only:
                chosen = np.flatnonzero(self.parts[self.rows] == PARTS.index("train"))
            if len(chosen):
                self._apply(built.name, chosen, self._verdicts(built, chosen))

    def drop(self, chosen: Ints, by: str, reason: str) -> None:
        """Drop some of the rows that are left, given as places in `rows`."""
        if len(chosen):
            empty = pa.nulls(len(chosen), pa.string())
            arrays = [pa.repeat(reason, len(chosen)), empty, empty, empty]
            self._apply(by, chosen, pa.RecordBatch.from_arrays(arrays, schema=_VERDICTS))

    def decisions(self, wanted: npt.NDArray[np.bool_]) -> pa.RecordBatch:
        """Return the decisions on the wanted rows, shape (rows of the batch,), by row, then filter."""
        if not self._logged:
            return pa.RecordBatch.from_pylist([], schema=DECISIONS)
        rows = np.concatenate([rows for rows, _ in self._logged])
        logged = pa.Table.from_batches([batch for _, batch in self._logged])
        order = np.argsort(rows, kind="stable")
        order = order[wanted[rows[order]]]
        rows = rows[order]
        what = logged.take(order).combine_chunks().to_batches()
        if not what:
            return pa.RecordBatch.from_pylist([], schema=DECISIONS)
        texts = {
            "id": self.batch["id"].take(pa.array(rows)),
            "document": self.batch["document"].take(pa.array(rows)),
            "part": pa.array(PARTS).take(pa.array(self.parts[rows])),
            "place": pa.repeat("source", len(rows)),
            **{name: what[0][name] for name in what[0].schema.names},
        }
        return pa.RecordBatch.from_arrays([texts[n] for n in DECISIONS.names], schema=DECISIONS)

    def _verdicts(self, built: BuiltFilter, chosen: Ints) -> pa.RecordBatch:
        given = self.left
        if len(chosen) < len(given):
            given = given.take(pa.array(chosen))
        if built.decides_batches:
            verdicts = built.filter.decide_batch(pa.RecordBatch.from_arrays([given], ["text"]))
            if verdicts.schema.names != _VERDICTS.names or verdicts.schema.types != _VERDICTS.types:
                raise ComponentError(
                    f"gave verdicts of the columns {', '.join(verdicts.schema.names)}",
                    where=f"filter '{built.name}'",
                    mend=f"the columns are {', '.join(_VERDICTS.names)}, all strings",
                )
            given_back = verdicts.num_rows
        else:
            rows = self.rows[chosen]
            texts = texts_of(self.batch.take(pa.array(rows)))
            items = _items(texts, given.to_pylist(), self.parts[rows].tolist())
            judged = built.filter.decide(items)
            given_back = len(judged)
            verdicts = _packed(judged)
        if given_back != len(chosen):
            raise ComponentError(
                f"gave {given_back} verdicts on {len(chosen)} items",
                where=f"filter '{built.name}'",
                mend="a filter returns one verdict an item, in order",
            )
        return verdicts

    def _apply(self, by: str, chosen: Ints, verdicts: pa.RecordBatch) -> None:
        """Log the verdicts on some of the rows that are left, drop and edit."""
        drops = np.asarray(verdicts["reason"].is_valid())
        edits = ~drops & np.asarray(verdicts["note"].is_valid())
        told = np.flatnonzero(drops | edits)
        if not len(told):
            return
        said, places = verdicts.take(pa.array(told)), chosen[told]
        columns = {
            "filter": pa.repeat(by, len(told)),
            "verdict": pc.if_else(pa.array(drops[told]), "drop", "edit"),
            "reason": pc.coalesce(said["reason"], said["note"]),
            "detail": pc.fill_null(said["detail"], ""),
            "text": self.left.take(pa.array(places)),
        }
        self._logged.append((self.rows[places], pa.RecordBatch.from_pydict(columns)))
        changed = edits & np.asarray(verdicts["text"].is_valid())
        if changed.any():
            mask = np.zeros(len(self.rows), np.bool_)
            mask[chosen[changed]] = True
            texts = verdicts["text"].filter(pa.array(changed))
            self.left = pc.replace_with_mask(self.left, pa.array(mask), texts)
        if drops.any():
            left = np.ones(len(self.rows), np.bool_)
            left[chosen[drops]] = False
            self.rows, self.left = self.rows[left], self.left.filter(pa.array(left))


def _items(texts: Sequence[Text], current: Sequence[str], parts: Sequence[int]) -> list[Item]:
    return [
        Item(text=replace(text, text=now), part=PARTS[part], source=text.text)
        for text, now, part in zip(texts, current, parts, strict=True)
    ]


def _packed(verdicts: Sequence[Verdict]) -> pa.RecordBatch:
    rows: list[tuple[str | None, ...]] = []
    for verdict in verdicts:
        if isinstance(verdict, Drop):
            rows.append((verdict.reason, verdict.detail, None, None))
        elif isinstance(verdict, Edit):
            rows.append((None, None, verdict.note, verdict.text))
        else:
            rows.append((None, None, None, None))
    columns = zip(*rows, strict=True) if rows else [()] * len(_VERDICTS)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=_VERDICTS)
