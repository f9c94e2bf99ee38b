"""Rows of tables in files: JSON Lines, CSV, TSV, Parquet, plain text; streamed, bad ones as faults."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Self, TypeAlias, cast

import msgspec

from deshi.api import Json, UsageError, nearest
from deshi_plugins.corpora.files import File

if TYPE_CHECKING:
    import pyarrow as pa

Format: TypeAlias = Literal["jsonl", "csv", "tsv", "parquet", "text"]

_ENDINGS: Mapping[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".txt": "text",
}
SUFFIXES = tuple(suffix + packed for suffix in _ENDINGS for packed in ("", ".gz"))
"""The endings of file names that need no `format`."""

_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# How bytes that are no UTF-8 look after decoding with `surrogateescape`.
_ESCAPED = re.compile("[\udc80-\udcff]")
LONGEST_LINE = 1 << 24
"""Bytes: a longer line is no row, by default."""
_READ = 1 << 18
_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be used: a short fixed reason, and the detail."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the line that it begins in, from 1 (in Parquet, its number); values, or a fault."""

    line: int
    values: Mapping[str, Json]
    fault: Fault | None = None


def format_of(name: str) -> Format | None:
    """Return the format of a file's name, compressed or not; None if unknown."""
    return _ENDINGS.get(Path(name.removesuffix(".gz")).suffix.lower())


def read_rows(
    file: File, form: Format, columns: Collection[str], longest: int = LONGEST_LINE
) -> Iterator[Row]:
    """Yield the rows of a file in order, each with at least these columns, where it has them.

    Plain text has one column, `text`. Blank lines are no rows. A line of more than `longest` bytes is
    a fault, and is never held whole.

    Raises:
        UsageError: the file is empty, lacks a column, or is not of this format.
    """
    if file.path.stat().st_size == 0:
        raise UsageError("the file is empty", where=file.where, fix="copy or download it again")
    if form == "parquet":
        yield from _parquet_rows(file, columns)
        return
    with _open_stream(file) as stream:
        if form == "jsonl":
            yield from _named(_json_rows(_lines(stream, longest)), columns, file)
        elif form == "text":
            yield from _named(_text_rows(_lines(stream, longest)), columns, file)
        else:
            yield from _csv_rows(stream, "\t" if form == "tsv" else ",", columns, file, longest)


def check_columns(present: Collection[str], columns: Collection[str], where: str) -> None:
    """Raise UsageError for the first column that is not there."""
    for column in columns:
        if column not in present:
            what = f"there is no column '{column}'"
            raise UsageError(what, where=where, fix=nearest(column, present))


@contextmanager
def _open_stream(file: File) -> Iterator[IO[bytes]]:
    compressed = file.path.suffix == ".gz" or file.name.endswith(".gz")
    with file.path.open("rb") as stored:
        if stored.peek(2)[:2] in _UTF_16:
            fix = "convert it: iconv -f UTF-16 -t UTF-8"
            raise UsageError("the file is UTF-16, not UTF-8", where=file.where, fix=fix)
        yield cast("IO[bytes]", gzip.GzipFile(fileobj=stored)) if compressed else stored


def _lines(stream: IO[bytes], longest: int) -> Iterator[tuple[int, bytes | Fault]]:
    """Yield the lines that are not blank with their numbers; faults for long ones and at a break."""
    number = 0
    try:
        for number, line in _counted(stream, longest):
            content = line.removeprefix(_BOM) if number == 1 else line
            if len(content) > longest:
                yield number, Fault("too long", f"the line has over {longest:,} bytes")
            elif content := content.strip(b"\r\n \t"):
                yield number, content
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield (
            number + 1,
            Fault("cut off", f"the compressed file cannot be read any further: {error}"),
        )


def _counted(stream: IO[bytes], longest: int) -> Iterator[tuple[int, bytes]]:
    """Yield numbered lines, a block's blank ones left out; what is longer is cut, never held whole."""
    number, rest = 1, b""
    for block in iter(lambda: stream.read1(_READ), b""):  # type: ignore[attr-defined]
        if not rest and not block.strip(b"\r\n \t"):
            number += block.count(b"\n")
            rest = block.rpartition(b"\n")[2]
            continue
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield number, line
            number += 1
        rest = rest[: longest + 1]
    if rest:
        yield number, rest


def _json_rows(lines: Iterable[tuple[int, bytes | Fault]]) -> Iterator[Row]:
    decode = msgspec.json.Decoder().decode
    for number, line in lines:
        if isinstance(line, Fault):
            yield Row(number, {}, line)
            continue
        try:
            values = decode(line)
        except UnicodeDecodeError as error:
            yield Row(number, {}, _not_utf_8(error))
        except msgspec.DecodeError as error:
            yield Row(number, {}, Fault("broken JSON", str(error)))
        except RecursionError:
            yield Row(number, {}, Fault("broken JSON", "it is nested too deep"))
        else:
            is_object = isinstance(values, dict)
            yield Row(number, values) if is_object else Row(number, {}, Fault("no JSON object"))


def _text_rows(lines: Iterable[tuple[int, bytes | Fault]]) -> Iterator[Row]:
    for number, line in lines:
        if isinstance(line, Fault):
            yield Row(number, {}, line)
            continue
        try:
            yield Row(number, {"text": line.decode("utf-8")})
        except UnicodeDecodeError as error:
            yield Row(number, {}, _not_utf_8(error))


def _named(rows: Iterable[Row], columns: Collection[str], file: File) -> Iterator[Row]:
    """Yield the rows; the first that can be read must have every column."""
    checked = False
    for row in rows:
        if not checked and row.fault is None:
            check_columns(row.values.keys(), columns, f"{file.where}:{row.line}")
            checked = True
        yield row


def _csv_rows(
    stream: IO[bytes], delimiter: str, columns: Collection[str], file: File, longest: int
) -> Iterator[Row]:
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
    csv.field_size_limit(longest)  # of the process
    reader = csv.reader(_LinesOfCsv(text, longest), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                what = f"a quote that opens in the row at line {line} is not closed"
                fix = 'write a quote inside a field twice: ""'
                raise UsageError(what, where=file.where, fix=fix) from None
            yield Row(line, {}, Fault("broken row", str(error)))
            continue
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield Row(
                line,
                {},
                Fault("cut off", f"the compressed file cannot be read any further: {error}"),
            )
            return
        if header is None:
            header = fields
            _check_header(header, columns, f"{file.where}:{line}")
        elif fields:
            yield _csv_row(line, header, fields)


class _LinesOfCsv:
    """The lines of a text for `csv.reader`; one that is too long is an error, and reading goes on."""

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self._text = text
        self._longest = longest

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._longest + 1)
        if not line:
            raise StopIteration
        if len(line) <= self._longest or line.endswith("\n"):
            return line
        while line and not line.endswith("\n"):
            line = self._text.readline(self._longest + 1)
        raise csv.Error(f"the line has over {self._longest:,} characters")


def _check_header(header: list[str], columns: Collection[str], where: str) -> None:
    if any(_ESCAPED.search(name) for name in header):
        fix = "convert the file, for instance with iconv -f SHIFT_JIS -t UTF-8"
        raise UsageError("the header is not UTF-8", where=where, fix=fix)
    check_columns(header, columns, where)


def _csv_row(line: int, header: list[str], fields: list[str]) -> Row:
    if len(fields) != len(header):
        detail = f"{len(fields)} fields, and the header has {len(header)}"
        return Row(line, {}, Fault("broken row", detail))
    if any(_ESCAPED.search(field) for field in fields):
        return Row(line, {}, Fault("not UTF-8"))
    return Row(line, dict(zip(header, fields, strict=True)))


def _parquet_rows(file: File, columns: Collection[str]) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file.path)
    except (pa.ArrowInvalid, OSError) as error:
        what = f"not a Parquet file: {str(error).splitlines()[0]}"
        raise UsageError(what, where=file.where, fix="copy or download it again") from error
    with table:
        check_columns(table.schema_arrow.names, columns, file.where)
        line = 0
        try:
            for batch in table.iter_batches(batch_size=_BATCH, columns=list(columns)):
                yield from _batch_rows(batch, line)
                line += batch.num_rows
        except (pa.ArrowInvalid, OSError) as error:
            fault = Fault(
                "cut off", f"the file cannot be read any further: {str(error).splitlines()[0]}"
            )
            yield Row(line + 1, {}, fault)


def _batch_rows(batch: pa.RecordBatch, before: int) -> Iterator[Row]:
    """Yield the rows of a batch that `before` rows precede; Parquet does not check its strings."""
    try:
        rows = [Row(before + at, values) for at, values in enumerate(batch.to_pylist(), start=1)]
    except UnicodeDecodeError as error:
        if batch.num_rows == 1:
            yield Row(before + 1, {}, _not_utf_8(error))
            return
        for at in range(batch.num_rows):
            yield from _batch_rows(batch.slice(at, 1), before + at)
    else:
        yield from rows


def _not_utf_8(error: UnicodeDecodeError) -> Fault:
    return Fault("not UTF-8", f"byte 0x{error.object[error.start]:02x}: {error.reason}")
