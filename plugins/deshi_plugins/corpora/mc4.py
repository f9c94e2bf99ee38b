"""The corpus `mc4`: sentences of web pages in the files of `allenai/c4`, one JSON object per line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from deshi.api import Env, Json, UsageError
from deshi_plugins.corpora.decompression import blocks
from deshi_plugins.corpora.documents import DocumentCorpus
from deshi_plugins.corpora.files import corpus_files
from deshi_plugins.corpora.hub import HubFiles, log_of
from deshi_plugins.corpora.params import Mc4Params

_SUFFIXES = (".json.gz", ".jsonl.gz", ".json", ".jsonl")
_READ = 2 << 20


class Page(msgspec.Struct):
    """One line of a file."""

    text: str
    url: str
    timestamp: str | None = None


_COLUMNS = ["id", "document", "text", "timestamp"]
_PARSED = pj.ParseOptions(
    explicit_schema=pa.schema([(name, pa.string()) for name in ("text", "url", "timestamp")]),
    unexpected_field_behavior="ignore",
)


class Mc4(DocumentCorpus):
    """Every sentence of every page; the document is the address, the id has the time of the crawl too.

    An address that was crawled twice is one document: no copy of it gets to the other side of the
    split. A line that is no JSON object with `text` and `url` is skipped, counted and reported.
    """

    params: Mc4Params

    def __init__(self, params: Mc4Params, env: Env) -> None:
        self.params = params
        self.env = env
        pattern = f"multilingual/c4-{params.language}.*.json.gz"
        self._hub = HubFiles(params.dataset, pattern, params.revision, log_of(env))

    def documents(self) -> Iterator[pa.RecordBatch]:
        """Yield the pages with their address and time."""
        for file in corpus_files(self.params.path, self._hub, _SUFFIXES):
            yield from _File(file.path, self).batches()

    def report(self) -> Mapping[str, Json]:
        """Return what was read from the Hugging Face Hub: data set, revision, commit, files, licence."""
        return self._hub.report()


class _File:
    """One file at work: the lines read and those that were broken."""

    def __init__(self, path: Path, corpus: Mc4) -> None:
        self.path = path
        self.corpus = corpus
        self.good = 0
        self.broken: list[int] = []  # the first few, as line numbers
        self.broken_count = 0
        self.line = 0
        self._decode = msgspec.json.Decoder(Page)

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for lines in self._blocks():
                batch = self._pages(lines)
                if batch.num_rows:
                    self.good += batch.num_rows
                    yield batch
        except (EOFError, OSError) as error:
            if not self.good:
                raise UsageError(
                    f"not a complete gzip file: {error}",
                    where=str(self.path),
                    fix="download it again; it has no complete line",
                ) from error
            self.corpus.warn(
                f"{self.path.name}: the file is cut off after {self.good} pages ({error}); "
                "the complete pages are used"
            )
        self._warn_of_broken_lines()

    def _blocks(self) -> Iterator[bytes]:
        """Yield whole lines, a few megabytes at a time."""
        rest, longest = b"", self.corpus.params.longest_line
        for block in blocks(self.path, _READ):
            lines, newline, tail = block.rpartition(b"\n")
            if newline:
                yield rest + lines
                rest = tail
            else:
                rest += block
            if len(rest) > longest:
                rest = b"\0"  # no JSON, whatever follows: the line is counted as broken
        if rest:
            yield rest

    def _pages(self, lines: bytes) -> pa.RecordBatch:
        """Read whole lines at once, or one by one where something in them is broken."""
        try:
            batch = _read_at_once(lines)
        except pa.ArrowInvalid:
            return _batch(self._one_by_one(lines))
        self.line += lines.count(b"\n") + 1
        return batch

    def _one_by_one(self, lines: bytes) -> list[Page]:
        pages = []
        for line in lines.split(b"\n"):
            self.line += 1
            if not line.strip():
                continue
            try:
                pages.append(self._decode.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                self.broken_count += 1
                if len(self.broken) < 3:
                    self.broken.append(self.line)
                if not (self.good or pages) and isinstance(error, msgspec.ValidationError):
                    raise UsageError(
                        f"{error}; a line has {', '.join(_keys(line))}",
                        where=f"{self.path}:{self.line}",
                        fix="each line is an object with the strings text and url",
                    ) from None
        return pages

    def _warn_of_broken_lines(self) -> None:
        if not self.good:
            raise UsageError(
                "no line is a JSON object with text and url",
                where=str(self.path),
                fix="set `path` to files like c4-ja.tfrecord-00000-of-01024.json.gz",
            )
        if self.broken_count:
            first = ", ".join(map(str, self.broken))
            self.corpus.warn(
                f"{self.path.name}: {self.broken_count} of {self.good + self.broken_count} lines are "
                f"broken and were left out (the first: {first})"
            )


def _keys(line: bytes) -> list[str]:
    value = msgspec.json.decode(line)
    return sorted(value) if isinstance(value, dict) else [f"no keys, but {type(value).__name__}"]


def _read_at_once(lines: bytes) -> pa.RecordBatch:
    """Return the pages of whole lines.

    Raises:
        pa.ArrowInvalid: a line is broken, lacks a column, or holds what is no text.
    """
    options = pj.ReadOptions(use_threads=False, block_size=len(lines) + 1)
    table = pj.read_json(pa.BufferReader(lines), read_options=options, parse_options=_PARSED)
    if table["url"].null_count or table["text"].null_count:
        raise pa.ArrowInvalid("a page without its url or text")
    table.validate(full=True)  # that it is UTF-8
    url, text, time = (table[name].combine_chunks() for name in ("url", "text", "timestamp"))
    time = pc.fill_null(time, "")
    dated = pc.binary_join_element_wise(url, time, "@")
    identity = pc.if_else(pc.equal(time, ""), url, dated)
    return pa.RecordBatch.from_arrays([identity, url, text, time], _COLUMNS)


def _batch(pages: list[Page]) -> pa.RecordBatch:
    urls = [page.url for page in pages]
    times = [page.timestamp or "" for page in pages]
    columns = (
        [f"{url}@{time}" if time else url for url, time in zip(urls, times, strict=True)],
        urls,
        [page.text for page in pages],
        times,
    )
    return pa.RecordBatch.from_arrays([pa.array(c, pa.string()) for c in columns], _COLUMNS)
