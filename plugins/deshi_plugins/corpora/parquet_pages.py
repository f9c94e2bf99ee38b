"""Wikipedia pages in Parquet files, as the data set `wikimedia/wikipedia` has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from deshi.api import UsageError

COLUMNS = ("id", "url", "title", "text")

# Pages at a time: so many articles are about 4 MB of text, so that memory stays flat.
_PAGES = 512


def parquet_pages(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the pages of a file in batches of rows.

    Raises:
        UsageError: this is no such file.
    """
    with _open_parquet(path) as file:
        for batch in _batches(file):
            if batch.column("id").null_count:
                raise UsageError("a page has no id", where=str(path), fix="give every page one")
            columns = [batch.column(name).cast(pa.string()) for name in COLUMNS]
            yield pa.RecordBatch.from_arrays(columns, list(COLUMNS))


def _batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    # One row group at a time: over all of them, the reader holds on to what it has read.
    for group in range(file.num_row_groups):
        yield from file.iter_batches(_PAGES, row_groups=[group], columns=list(COLUMNS))


def _open_parquet(path: Path) -> pq.ParquetFile:
    where = str(path)
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"not a Parquet file: {first}", where=where) from error
    try:
        _check(file, where)
    except UsageError:
        file.close()
        raise
    return file


def _check(file: pq.ParquetFile, where: str) -> None:
    present = file.schema_arrow.names
    missing = [column for column in COLUMNS if column not in present]
    if missing:
        raise UsageError(
            f"the column {missing[0]!r} is missing; there is: {', '.join(present)}",
            where=where,
            fix="the columns must be named " + ", ".join(COLUMNS),
        )
    for column in COLUMNS:
        kind = file.schema_arrow.field(column).type
        if pa.types.is_dictionary(kind):  # pandas writes categories like that
            kind = kind.value_type
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not (is_text or pa.types.is_integer(kind) or pa.types.is_null(kind)):
            raise UsageError(
                f"the column {column!r} holds {kind}, not text",
                where=where,
                fix="store it as a string",
            )
    if file.metadata.num_rows == 0:
        raise UsageError("the file has no rows", where=where, fix="set `path` to another file")
