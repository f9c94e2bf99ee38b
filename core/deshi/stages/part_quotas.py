"""Take texts in the corpus' order: by document into parts, up to a number for each.

The part of a document follows from a keyed hash of its id alone: adding documents moves none, and the
order of the corpus, the teacher and the filters do not matter.

What is taken does not depend on how the corpus is cut into batches. A text whose part is full when
its turn comes is surplus, whatever the filters would have said.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import UsageError
from deshi.stages.filter_chain import Candidates, ChainFilter
from deshi.stages.parquet_tables import PARTS, TEXTS

if TYPE_CHECKING:
    import numpy.typing as npt

    from deshi.api import Part
    from deshi.benchmark.stage_params import SplitParams
    from deshi.stages.decision_log import DecisionLog

    Ints = npt.NDArray[np.int64]

_KEY = b"deshi split 1"


class PartQuotas:
    """The texts taken so far: up to a number for each part, and up to a number a document.

    Memory grows with what is taken, not with what is read. So ids are compared among these texts
    alone: only they are stored, and an id that comes twice and is dropped does no harm.
    """

    def __init__(self, params: SplitParams, log: DecisionLog) -> None:
        self.read = 0
        self.surplus = 0
        self._params = params
        self._log = log
        self._room = np.array([params.pull, params.valid, params.test])
        self._of_document: Counter[str] = Counter()
        self._batches: list[pa.RecordBatch] = []

    def table(self) -> pa.Table:
        """Return the texts taken in the corpus' order, of the schema `TEXTS`."""
        table = pa.Table.from_batches(self._batches, schema=TEXTS)
        encoded = table["id"].dictionary_encode()  # twice as fast as to count what is distinct
        if encoded.num_chunks and len(encoded.chunk(0).dictionary) < table.num_rows:
            counted = pc.value_counts(table["id"])
            twice = counted.filter(pc.greater(counted.field("counts"), 1))[0]["values"]
            raise UsageError(
                f"the id '{twice}' comes twice",
                where=f"corpus '{self._params.corpus.label}'",
                fix="ids must be unique in a corpus",
            )
        return table

    @property
    def documents(self) -> int:
        """The documents that were met so far, taken from or not."""
        return len(self._of_document)

    def full(self) -> bool:
        """Say whether no part has room left."""
        return not self._room.any()

    def take(self, batch: pa.RecordBatch, filters: Sequence[ChainFilter]) -> None:
        """Filter a batch, log what is dropped, and take what there is room for."""
        documents = batch["document"].dictionary_encode()
        names, code = documents.dictionary.to_pylist(), np.asarray(documents.indices)
        parts = self._parts(batch, names, code)
        rows = np.flatnonzero(self._room[parts] > 0)
        candidates = Candidates(batch, parts, rows)
        candidates.decide(filters)
        self._within_documents(candidates, names, code)
        ends = self._ends(parts, candidates.rows)
        wanted = np.arange(len(parts)) < ends[parts]
        taken = wanted[candidates.rows]
        self._batches.append(_texts(candidates, taken))
        self._log.write(candidates.decisions(wanted))
        rows = candidates.rows[taken]
        self._room -= np.bincount(parts[rows], minlength=len(PARTS))
        self._of_document.update(dict(zip(names, np.bincount(code[rows]).tolist(), strict=False)))
        read = int(ends.max())
        self.read += read
        self.surplus += read - int(wanted.sum())

    def _parts(self, batch: pa.RecordBatch, names: Sequence[str], code: Ints) -> Ints:
        """Return the part of each row: that of its document, or its own."""
        by_text, params = self._params.split_by == "text", self._params
        shares = {"test_share": params.test_share, "valid_share": params.valid_share}
        units = batch["id"].to_pylist() if by_text else names
        parts = np.array([PARTS.index(part_of(unit, **shares)) for unit in units], np.int64)
        return parts if by_text else parts[code]

    def _within_documents(self, candidates: Candidates, names: Sequence[str], code: Ints) -> None:
        """Drop the texts of a document beyond its number."""
        of = code[candidates.rows]
        order = np.argsort(of, kind="stable")
        sizes = np.bincount(of, minlength=len(names))
        before = np.repeat(np.cumsum(sizes) - sizes, sizes)
        rank = np.empty(len(of), np.int64)
        rank[order] = np.arange(len(of)) - before
        taken = np.array([self._of_document[name] for name in names])
        over = np.flatnonzero(taken[of] + rank >= self._params.max_per_document)
        candidates.drop(over, "split", "max-per-document")

    def _ends(self, parts: Ints, rows: Ints) -> Ints:
        """Return, for each part, the row behind the one that fills it; all rows if none does."""
        ends = np.full(len(PARTS), len(parts))
        for part, room in enumerate(self._room.tolist()):
            of = rows[parts[rows] == part]
            if len(of) >= room:
                ends[part] = of[room - 1] + 1 if room else 0
        return ends


def _texts(candidates: Candidates, wanted: npt.NDArray[np.bool_]) -> pa.RecordBatch:
    """Return those of the rows that are left that are wanted, of the schema `TEXTS`."""
    rows = pa.array(candidates.rows[wanted])
    kind = TEXTS.field("references").type
    none = pa.ListArray.from_arrays(
        np.zeros(len(rows) + 1, np.int32), pa.array([], kind.value_type)
    )
    none = none.cast(kind)
    columns = {
        "id": candidates.batch["id"].take(rows),
        "document": candidates.batch["document"].take(rows),
        "part": pa.array(PARTS).take(pa.array(candidates.parts[candidates.rows[wanted]])),
        "source": candidates.batch["text"].take(rows),
        "text": candidates.texts.filter(pa.array(wanted)),
        "references": none,
        "meta": _meta(candidates.batch, rows),
    }
    if "references" in candidates.batch.schema.names:
        given = candidates.batch["references"].take(rows).cast(kind)
        columns["references"] = pc.coalesce(given, none)
    return pa.RecordBatch.from_arrays([columns[name] for name in TEXTS.names], schema=TEXTS)


def _meta(batch: pa.RecordBatch, rows: pa.Array) -> pa.DictionaryArray:
    """Return the corpus' metadata of these rows, each in JSON; written once where it came once."""
    kind = TEXTS.field("meta").type
    if "meta" not in batch.schema.names:
        return pa.nulls(len(rows), kind)
    meta = batch["meta"]
    if not isinstance(meta, pa.DictionaryArray):
        return pa.array(map(_json, meta.take(rows).to_pylist()), kind.value_type).cast(kind)
    texts = pa.array(map(_json, meta.dictionary.to_pylist()), kind.value_type)
    return pa.DictionaryArray.from_arrays(meta.indices.take(rows).cast(kind.index_type), texts)


def _json(meta: Sequence[tuple[str, str]] | None) -> str:
    return json.dumps(dict(meta or ()), ensure_ascii=False)


def part_of(document: str, *, test_share: float, valid_share: float) -> Part:
    """Return the part that a document falls into; shares are fractions of documents."""
    digest = hashlib.blake2b(document.encode("utf-8", "surrogatepass"), key=_KEY, digest_size=8)
    position = int.from_bytes(digest.digest(), "big") / 2**64
    if position < test_share:
        return "test"
    return "valid" if position < test_share + valid_share else "train"
