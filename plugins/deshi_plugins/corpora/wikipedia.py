"""The corpus `wikipedia`: sentences of Wikipedia articles in Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from deshi.api import Env, Json, Text, UsageError
from deshi_plugins.corpora.hub import HubFiles, log_of
from deshi_plugins.corpora.normalise import normalise
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.sampling import Sample, sampled
from deshi_plugins.corpora.sentences import sentences

COLUMNS = ("id", "url", "title", "text")

# Pages at a time: 128 articles are about 1 MB of text, so that memory stays flat.
_BATCH = 128


class Wikipedia:
    """Every sentence of every page, unfiltered but for empty ones.

    The columns are those of the data set `wikimedia/wikipedia`. Files are read in the order of
    their names, a batch of rows at a time.
    """

    def __init__(self, params: WikipediaParams, env: Env) -> None:
        self.params = params
        self.env = env
        pattern = f"{params.date}.{params.language}/*.parquet"
        self._hub = HubFiles(params.dataset, pattern, params.revision, log_of(env))

    def texts(self) -> Iterator[Text]:
        """Yield sentences in the order of the files; the id is `PAGEID-N`, N counting from 1."""
        return sampled(self._all_texts(), self.params)

    def report(self) -> Mapping[str, Json]:
        """Return what was read from the hub: data set, revision, commit, files."""
        return self._hub.report()

    def _all_texts(self) -> Iterator[Text]:
        sample = Sample(self.params.share, self.params.seed)
        for path in self._files():
            for page in _pages(path):
                if sample.has(str(page["id"])):
                    yield from _page_texts(page)

    def _files(self) -> Iterator[Path]:
        """Yield local paths; a file of the hub is downloaded when it is reached."""
        if self.params.path is not None:
            yield from _parquet_files(self.params.path)
        else:
            yield from (path for _, path in self._hub)


def _parquet_files(path: Path) -> list[Path]:
    where = str(path)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*.parquet") if not file.name.startswith("."))
        if not found:
            raise UsageError(
                "the folder holds no Parquet file",
                where=where,
                mend="put files that end in .parquet there, or set `path` to another folder",
            )
        return found
    if not path.exists():
        raise UsageError(
            "there is no such file or folder",
            where=where,
            mend="set `path` to a Parquet file with the columns " + ", ".join(COLUMNS),
        )
    return [path]


def _pages(path: Path) -> Iterator[Mapping[str, object]]:
    with _opened(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH, columns=list(COLUMNS)):
            if batch.column("id").null_count:
                raise UsageError("a page has no id", where=str(path), mend="give every page one")
            yield from batch.to_pylist()


def _opened(path: Path) -> pq.ParquetFile:
    where = str(path)
    if path.stat().st_size == 0:
        raise UsageError("the file is empty", where=where, mend="download or copy it again")
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"this is no Parquet file: {first}", where=where) from error
    present = file.schema_arrow.names
    missing = [column for column in COLUMNS if column not in present]
    if missing:
        file.close()
        raise UsageError(
            f"the column {missing[0]!r} is missing; there is: {', '.join(present)}",
            where=where,
            mend="the columns must be named " + ", ".join(COLUMNS),
        )
    for column in ("id", "text"):
        kind = file.schema_arrow.field(column).type
        if not (
            pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
        ):
            file.close()
            raise UsageError(
                f"the column {column!r} holds {kind}, not text",
                where=where,
                mend="store it as a string",
            )
    if file.metadata.num_rows == 0:
        file.close()
        raise UsageError("the file has no rows", where=where, mend="set `path` to another file")
    return file


def _page_texts(page: Mapping[str, object]) -> Iterator[Text]:
    document = str(page["id"])
    meta = {"title": str(page["title"] or ""), "url": str(page["url"] or "")}
    number = 0
    for sentence in sentences(str(page["text"] or "")):
        if text := normalise(sentence):
            number += 1
            yield Text(id=f"{document}-{number}", document=document, text=text, meta=meta)
