"""The corpus `texts`: the user's own texts in tables or lines, or any Hugging Face data set."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from deshi.api import Emojis, Env, Json, Text, UsageError
from deshi_plugins.corpora.document_sampling import Sample
from deshi_plugins.corpora.files import File, corpus_files
from deshi_plugins.corpora.hub import HubFiles, log_of
from deshi_plugins.corpora.labels import emoji_in, split_emoji, with_their_emoji
from deshi_plugins.corpora.normalise import normalise
from deshi_plugins.corpora.params import TextsParams
from deshi_plugins.corpora.rows import SUFFIXES, Fault, Format, Row, format_of, read_rows
from deshi_plugins.corpora.sentences import sentences
from deshi_plugins.corpora.tally import Tally


class Texts:
    """One text per row, or its sentences, with reference labels if configured.

    A row without an id is identified by its position and its content, `FILE:LINE:HASH`: appending to a
    file changes no id, and inserting a row never gives one text the id of another. A row without a
    document is a document of its own, named by its id or else by its content alone, so that rows may
    move between lines and files and stay in their part of the split, and copies stay together.
    """

    def __init__(self, params: TextsParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._hub = HubFiles(params.dataset, params.pattern, params.revision, log_of(env))
        named = (params.text, params.id_, params.document, params.labels)
        self._columns = tuple(dict.fromkeys(column for column in named if column))
        self._sample = Sample(params.share, params.seed)
        self._tally = Tally(params.bad_rows, log_of(env))
        self._counts: Counter[str] = Counter()

    def texts(self) -> Iterator[Text]:
        """Yield the texts in the order of the files and their rows."""
        self._tally = Tally(self.params.bad_rows, log_of(self.env))
        self._counts = Counter()
        return islice(self._all_texts(), self.params.limit)

    def report(self) -> Mapping[str, Json]:
        """Return how many rows were read and left out, and what was read from the Hugging Face Hub."""
        hub = self._hub.report()
        return {
            **hub,
            **dict(self._counts),
            "licence": self.params.licence or hub.get("licence", "unknown"),
            "unusable": dict(self._tally.counts),
        }

    def _all_texts(self) -> Iterator[Text]:
        pattern = self.params.pattern
        suffixes = ("",) if pattern else SUFFIXES
        for file in corpus_files(self.params.path, self._hub, suffixes, pattern or "*"):
            self._tally.begin(file)
            for row in read_rows(file, self._format(file), self._columns, self.params.longest_line):
                yield from self._row_texts(file, row)
            self._tally.end()

    def _format(self, file: File) -> Format:
        form = self.params.format or format_of(file.name)
        if form is None:
            raise UsageError(
                "the file name does not determine the format",
                where=file.where,
                fix='set format = "jsonl", "csv", "tsv", "parquet" or "text"',
            )
        return form

    def _row_texts(self, file: File, row: Row) -> Iterator[Text]:
        """Yield the texts of a row, none for one that is not in the sample, unusable or empty."""
        read = row.fault or self._read(row.values)
        if isinstance(read, Fault):
            self._tally.bad(row, read)
            return
        self._tally.good()
        self._counts["rows"] += 1
        text, own_id, document, references = read
        content = _hash(text)
        if not self._sample.has(document := document or own_id or content):
            return
        id_ = own_id or f"{file.name}:{row.line}:{content[:8]}"
        if not self.params.sentences:
            yield from self._text(id_, document, text, references)
            return
        parts = list(sentences(text))
        if self.params.split_emoji:
            parts = with_their_emoji(parts)
        for number, part in enumerate(parts, start=1):
            yield from self._text(f"{id_}-{number}", document, part, references)

    def _text(self, id_: str, document: str, raw: str, references: Emojis) -> Iterator[Text]:
        text = normalise(raw)
        if self.params.split_emoji:
            text, references = split_emoji(text)
        if not text:
            only_emoji = self.params.split_emoji and references
            self._counts["only-emoji" if only_emoji else "empty"] += 1
            return
        self._counts["with-references"] += bool(references)
        yield Text(
            id=id_, document=document, text=text, references=(references,) if references else ()
        )

    def _read(self, values: Mapping[str, Json]) -> tuple[str, str, str, Emojis] | Fault:
        """Return text, id, document and reference of a row; missing fields are empty."""
        text = values.get(self.params.text)
        if not isinstance(text, str):
            problem = "is missing" if text is None else f"is {type(text).__name__}, not text"
            return Fault("no text", f"'{self.params.text}' {problem}")
        names: list[str] = []
        for column in (self.params.id_, self.params.document):
            value = values.get(column) if column else ""
            if value is None or isinstance(value, bool) or not isinstance(value, str | int):
                return Fault("no name", f"'{column}' is {value!r}, neither text nor a whole number")
            if column and value == "":
                return Fault("no name", f"'{column}' is empty")
            names.append(str(value))
        if not self.params.labels:
            return text, names[0], names[1], ()
        references = emoji_in(values.get(self.params.labels), self.params.emoji_for)
        if isinstance(references, Fault):
            return references
        return text, names[0], names[1], references


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
