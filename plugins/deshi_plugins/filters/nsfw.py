"""The filter `nsfw`: drops texts with terms of sex and violence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Env, Item, Keep, UsageError, Verdict
from deshi_plugins.filters.columns import verdicts_where
from deshi_plugins.filters.params import NsfwParams


class Nsfw:
    """Drops texts that hold a term, unless it stands within a word that is to be kept."""

    def __init__(self, params: NsfwParams, env: Env) -> None:
        self.params = params
        self.env = env
        more = _terms_of(params.terms_file) if params.terms_file else ()
        self._terms = tuple(dict.fromkeys(term for term in (*params.terms, *more) if term))
        self._keep = tuple(word for word in params.keep if word)

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the first term in the order of the list."""
        return [self._verdict(item.text.text) for item in items]

    def decide_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the verdicts of `decide`, in columns."""
        any_term = "|".join(map(_quoted, self._terms)) or r"[^\s\S]"
        suspect = pc.match_substring_regex(batch["text"], any_term)
        return verdicts_where(suspect, batch["text"], self._verdict)

    def _verdict(self, text: str) -> Verdict:
        present = [term for term in self._terms if term in text]
        if not present:
            return Keep()
        harmless = sorted(_spans(self._keep, text))
        starts = [start for start, _ in harmless]
        reach = list(accumulate((end for _, end in harmless), max, initial=0))
        for term in present:
            for start, end in _spans((term,), text):
                if reach[bisect_right(starts, start)] < end:
                    return Drop("nsfw", term)
        return Keep()


def _terms_of(file: Path) -> Iterator[str]:
    """Yield the terms of a file, one per line; empty lines and lines that begin with # are skipped."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UsageError(
            f"`terms-file` cannot be read: {why}",
            where=f"filter nsfw: {file}",
            fix="name a UTF-8 text file with one term per line",
        ) from None
    yield from (line.strip() for line in lines if not line.startswith("#"))


def _spans(words: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield where each word stands in the text, overlaps included."""
    for word in words:
        start = text.find(word)
        while start >= 0:
            yield start, start + len(word)
            start = text.find(word, start + 1)


def _quoted(term: str) -> str:
    """Quote a term for RE2, which knows no escape of a character beyond ASCII."""
    return re.sub(r"[^\w]", lambda match: f"\\x{{{ord(match[0]):x}}}", term)
