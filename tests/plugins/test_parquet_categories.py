"""Parquet as pandas writes categories: text in a dictionary is text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from deshi_plugins.corpora.files import File
from deshi_plugins.corpora.parquet_pages import parquet_pages
from deshi_plugins.corpora.rows import read_rows

COLUMNS = {
    "id": ["1", "2"],
    "url": ["u", "u"],
    "title": ["猫", "猫"],
    "text": ["猫がいる。", "犬がいる。"],
}


def write_categories(path: Path) -> Path:
    columns = {name: pa.array(values).dictionary_encode() for name, values in COLUMNS.items()}
    pq.write_table(pa.table(columns), path)
    assert pa.types.is_dictionary(pq.read_schema(path).field("text").type)
    return path


def test_rows_of_categories_are_rows_of_text(tmp_path: Path) -> None:
    path = write_categories(tmp_path / "a.parquet")
    rows = list(read_rows(File(path.name, path, str(path)), "parquet", ("id", "text")))
    assert [row.values["text"] for row in rows] == COLUMNS["text"]


def test_pages_of_categories_are_pages_of_text(tmp_path: Path) -> None:
    (batch,) = parquet_pages(write_categories(tmp_path / "b.parquet"))
    assert batch.column("text").to_pylist() == COLUMNS["text"]
    assert batch.schema.field("text").type == pa.string()
