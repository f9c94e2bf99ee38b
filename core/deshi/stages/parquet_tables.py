"""Tables of records as Parquet files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from deshi.api import Emojis, Json, Part

PARTS: tuple[Part, ...] = ("train", "valid", "test")

_EMOJIS = pa.list_(pa.string())

TEXTS = pa.schema(
    [
        ("id", pa.string()),
        ("document", pa.string()),
        ("part", pa.string()),
        ("source", pa.string()),
        ("text", pa.string()),
        ("references", pa.list_(_EMOJIS)),
        ("meta", pa.dictionary(pa.int32(), pa.string())),
    ]
)
"""Texts after the source filters: `source` is the corpus' text, `text` what filters made of it.

`meta` is an object in JSON, mostly the same for all texts of a document.
"""

PAIRS = pa.schema(
    [
        *TEXTS,
        ("samples", pa.list_(_EMOJIS)),
        ("unknown", pa.list_(pa.int64())),
        ("kept", pa.bool_()),
    ]
)
"""Texts after rewriting, with the teacher's label sets; `kept` is false where a filter dropped one."""

_DECISION = ("id", "document", "part", "place", "filter", "verdict", "reason", "detail", "text")
DECISIONS = pa.schema([(name, pa.string()) for name in _DECISION])
"""Every drop and edit, by whom and why."""

PREDICTIONS = pa.schema(
    [
        ("id", pa.string()),
        ("emojis", _EMOJIS),
        ("unknown", pa.int64()),
        ("ranked", _EMOJIS),
        ("scores", pa.list_(pa.float64())),
    ]
)


def write_table(path: Path, schema: pa.Schema, rows: Sequence[Mapping[str, Json]]) -> None:
    """Write records as Parquet."""
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path, compression="zstd")


def read_table(path: Path, columns: Iterable[str] | None = None) -> list[dict[str, Json]]:
    """Read a Parquet file as records."""
    wanted = None if columns is None else list(columns)
    with pq.ParquetFile(path) as file:  # pq.read_table would import pandas where it is installed
        rows: list[dict[str, Json]] = file.read(columns=wanted).to_pylist()
    return rows


def emoji_sets(value: Sequence[Sequence[str]] | None) -> tuple[Emojis, ...]:
    """Turn a column of lists of lists back into label sets."""
    return tuple(tuple(emojis) for emojis in value or ())
