"""Run the filters of one place of a chain over texts, and keep what each decides.

Texts are columns, which a filter that decides batches gets as they are. For any other, items are
made of them, once for all filters, unless they were items from the start. The decisions are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Edit, Item, Keep, Place
from deshi.stages.parquet_tables import DECISIONS, PARTS
from deshi.stages.text_batches import texts_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

_VERDICTS = pa.schema([(name, pa.string()) for name in ("reason", "detail", "note", "text")])
_TRAIN = PARTS.index("train")


@dataclass(frozen=True)
class ChainFilter:
    """A filter of a chain, with what the flow has to know of it."""

    name: str
    filter: Any
    training_only: bool
    fits_first: bool
    decides_batches: bool


class Candidates:
    """Texts on their way through the filters of one place.

    Attributes:
        rows: The rows of the batch that are left, in order.
        texts: Their texts, as edited.
    """

    def __init__(
        self, batch: pa.RecordBatch, parts: Ints, rows: Ints, place: Place = "source"
    ) -> None:
        """Begin with some rows of a batch; `parts` index `PARTS`, shape (rows of the batch,)."""
        self.batch = batch
        self.parts = parts
        self.rows = rows
        self.texts = batch["text"]
        if len(rows) < batch.num_rows:
            self.texts = self.texts.take(pa.array(rows))
        self._place = place
        self._items: dict[int, Item] = {}  # by row; empty until a filter wants items
        self._log: list[tuple[Ints, pa.RecordBatch]] = []

    @classmethod
    def of(cls, items: Sequence[Item], place: Place) -> Candidates:
        """Return candidates that are items already."""
        columns = {
            "id": [item.text.id for item in items],
            "document": [item.text.document for item in items],
            "text": [item.text.text for item in items],
        }
        batch = pa.RecordBatch.from_pydict(
            columns, pa.schema([DECISIONS.field(n) for n in columns])
        )
        parts = np.array([PARTS.index(item.part) for item in items], np.int64)
        candidates = cls(batch, parts, np.arange(len(items)), place)
        candidates._items = dict(enumerate(items))
        return candidates

    def items(self) -> list[Item]:
        """Return what is left as items, as edited."""
        if not self._items:
            texts = texts_of(self.batch.take(pa.array(self.rows)))
            left = zip(self.rows.tolist(), texts, self.texts.to_pylist(), strict=True)
            self._items = {
                row: Item(replace(text, text=now), PARTS[self.parts[row]], source=text.text)
                for row, text, now in left
            }
        return [self._items[row] for row in self.rows.tolist()]

    def decide(self, filters: Sequence[ChainFilter]) -> None:
        """Let all filters decide in turn, on what the ones before have left.

        A filter that fits first learns from the training items that reach it.
        """
        for chain_filter in filters:
            if chain_filter.fits_first:
                train = [item for item in self.items() if item.part == "train"]
                chain_filter.filter.restore(chain_filter.filter.learn(train))
            chosen = np.arange(len(self.rows))
            if chain_filter.training_only:
                chosen = np.flatnonzero(self.parts[self.rows] == _TRAIN)
            if len(chosen):
                self._apply(chain_filter.name, *self._verdicts(chain_filter, chosen))

    def drop(self, chosen: Ints, by: str, reason: str) -> None:
        """Drop some of the rows that are left, given as indices into `rows`."""
        if len(chosen):
            empty = pa.nulls(len(chosen), pa.string())
            arrays = [pa.repeat(reason, len(chosen)), empty, empty, empty]
            self._apply(by, chosen, pa.RecordBatch.from_arrays(arrays, schema=_VERDICTS))

    def decisions(self, wanted: npt.NDArray[np.bool_] | None = None) -> pa.Table:
        """Return the decisions, of the schema `DECISIONS`, in the order in which they fell.

        With `wanted`, shape (rows of the batch,), those on these rows alone, by row, then filter.
        """
        if not self._log:
            return DECISIONS.empty_table()
        rows = np.concatenate([rows for rows, _ in self._log])
        log = pa.Table.from_batches([decisions for _, decisions in self._log])
        if wanted is not None:
            order = np.argsort(rows, kind="stable")
            order = order[wanted[rows[order]]]
            rows, log = rows[order], log.take(pa.array(order))
        columns = {
            "id": self.batch["id"].take(pa.array(rows)),
            "document": self.batch["document"].take(pa.array(rows)),
            "part": pa.array(PARTS).take(pa.array(self.parts[rows])),
            "place": pa.repeat(self._place, len(rows)),
            **{name: log[name] for name in log.column_names},
        }
        return pa.table([columns[name] for name in DECISIONS.names], schema=DECISIONS)

    def _verdicts(self, chain_filter: ChainFilter, chosen: Ints) -> tuple[Ints, pa.RecordBatch]:
        """Have a filter decide on some of the rows that are left; return its verdicts, and on which."""
        if chain_filter.decides_batches:
            texts = self.texts
            if len(chosen) < len(texts):
                texts = texts.take(pa.array(chosen))
            batch = chain_filter.filter.decide_batch(pa.RecordBatch.from_arrays([texts], ["text"]))
            return chosen, batch
        items = self.items()
        verdicts = chain_filter.filter.decide([_shown(items[at]) for at in chosen.tolist()])
        acts = [at for at, verdict in enumerate(verdicts) if not isinstance(verdict, Keep)]
        chosen, verdicts = chosen[acts], [verdicts[at] for at in acts]
        for row, verdict in zip(self.rows[chosen].tolist(), verdicts, strict=True):
            if isinstance(verdict, Edit) and verdict.samples is not None:
                self._items[row] = replace(self._items[row], samples=verdict.samples)
        return chosen, _columns(verdicts)

    def _apply(self, by: str, chosen: Ints, verdicts: pa.RecordBatch) -> None:
        """Log the verdicts on some of the rows that are left, edit and drop."""
        drops = np.asarray(verdicts["reason"].is_valid())
        edits = ~drops & np.asarray(verdicts["note"].is_valid())
        acts = np.flatnonzero(drops | edits)
        if not len(acts):
            return
        why, indices = verdicts.take(pa.array(acts)), chosen[acts]
        columns = {
            "filter": pa.repeat(by, len(acts)),
            "verdict": pc.if_else(pa.array(drops[acts]), "drop", "edit"),
            "reason": pc.coalesce(why["reason"], why["note"]),
            "detail": pc.fill_null(why["detail"], ""),
            "text": self.texts.take(pa.array(indices)),
        }
        self._log.append((self.rows[indices], pa.RecordBatch.from_pydict(columns)))
        changed = edits & np.asarray(verdicts["text"].is_valid())
        if changed.any():
            self._rewrite(chosen[changed], verdicts["text"].filter(pa.array(changed)))
        if drops.any():
            left = np.ones(len(self.rows), np.bool_)
            left[chosen[drops]] = False
            self.rows, self.texts = self.rows[left], self.texts.filter(pa.array(left))

    def _rewrite(self, chosen: Ints, texts: pa.StringArray) -> None:
        """Give some of the rows that are left another text."""
        mask = np.zeros(len(self.rows), np.bool_)
        mask[chosen] = True
        self.texts = pc.replace_with_mask(self.texts, pa.array(mask), texts)
        if self._items:
            for row, text in zip(self.rows[chosen].tolist(), texts.to_pylist(), strict=True):
                item = self._items[row]
                self._items[row] = replace(item, text=replace(item.text, text=text))


def _shown(item: Item) -> Item:
    """Return what a filter sees of an item: not the labels that came with a test text."""
    if item.part != "test" or not item.text.references:
        return item
    return replace(item, text=replace(item.text, references=()))


def _columns(verdicts: Sequence[Drop | Edit]) -> pa.RecordBatch:
    rows = [
        (verdict.reason, verdict.detail, None, None)
        if isinstance(verdict, Drop)
        else (None, None, verdict.note, verdict.text)
        for verdict in verdicts
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(_VERDICTS)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=_VERDICTS)
