"""Texts in columns: what a corpus gives, a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from deshi.api import ComponentError, Text
from deshi.stages.parquet_tables import emoji_sets

if TYPE_CHECKING:
    from deshi.api import Corpus, ReadsBatches
    from deshi.benchmark.part import Part

_ROWS = 2048

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "document", "text")),
        ("references", pa.list_(pa.list_(pa.string()))),
        ("meta", pa.map_(pa.string(), pa.string())),
    ]
)


def text_batches(corpus: object, part: Part) -> Iterator[pa.RecordBatch]:
    """Yield the texts of a corpus in columns, whether it gives columns or rows; no batch is empty."""
    where = f"corpus '{part.label}'"
    if "reads-batches" in part.capabilities:
        for batch in cast("ReadsBatches", corpus).batches():
            if batch.num_rows:
                yield batch
    else:
        texts = cast("Corpus", corpus).texts()
        while rows := list(islice(texts, _ROWS)):
            yield _columns(rows, where)


def texts_of(batch: pa.RecordBatch) -> list[Text]:
    """Return the rows of a batch as records."""
    return [
        Text(
            id=row["id"],
            document=row["document"],
            text=row["text"],
            references=emoji_sets(row.get("references")),
            meta=dict(row.get("meta") or ()),
        )
        for row in batch.to_pylist()
    ]


def _columns(texts: Sequence[Text], where: str) -> pa.RecordBatch:
    columns = [
        [text.id for text in texts],
        [text.document for text in texts],
        [text.text for text in texts],
        [text.references for text in texts],
        [list(text.meta.items()) for text in texts],
    ]
    try:
        arrays = [pa.array(c, kind) for c, kind in zip(columns, _SCHEMA.types, strict=True)]
    except (UnicodeEncodeError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        first, last = texts[0].id, texts[-1].id
        raise ComponentError(
            f"gave a text between '{first}' and '{last}' that cannot be stored: {error}",
            where=where,
            fix="id, document, text and meta are strings without lone surrogates",
        ) from error
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)
