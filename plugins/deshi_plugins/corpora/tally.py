"""Counts the rows that a corpus could not use, and refuses a file that has too many."""

from __future__ import annotations

import logging
from collections import Counter

from deshi.api import UsageError
from deshi_plugins.corpora.files import File
from deshi_plugins.corpora.rows import Fault, Row

_FIXES = {
    "broken JSON": "write one JSON object per line",
    "no JSON object": "write one JSON object per line",
    "not UTF-8": "convert the file, for instance with iconv -f SHIFT_JIS -t UTF-8",
    "label is no emoji": "map it to an emoji in emoji-for, or to '' for no emoji",
}


class Tally:
    """Skipped rows by reason, with a warning for the first of each; more than `limit` are an error."""

    def __init__(self, limit: int, log: logging.Logger) -> None:
        self.limit = limit
        self.log = log
        self.counts: Counter[str] = Counter()
        self._first: dict[str, tuple[str, str]] = {}
        self._good = 0
        self._bad = 0

    def begin(self, file: File) -> None:
        """Start with a file."""
        self._file = file
        self._good = self._bad = 0

    def good(self) -> None:
        """Count a row that can be used."""
        self._good += 1

    def bad(self, row: Row, fault: Fault) -> None:
        """Count a row that cannot be used. Raises UsageError if that is one too many."""
        self._bad += 1
        self.counts[fault.reason] += 1
        if fault.reason not in self._first:
            seen = f"{fault.reason}: {fault.detail}" if fault.detail else fault.reason
            self._first[fault.reason] = (f"{self._file.where}:{row.line}", seen)
            # The log reaches the results, which name no folder of this machine.
            what = "%s:%d: %s; the row is skipped, and any other like it"
            self.log.warning(what, self._file.name, row.line, seen)
        if self.counts.total() > self.limit:
            raise self._refused(f"{self.counts.total()} rows cannot be used")

    def end(self) -> None:
        """Be done with the file. Raises UsageError if no row of it can be used."""
        if not self._good and self._bad:
            raise self._refused("no row of the file can be used")
        if not self._good:
            fix = "name another file"
            raise UsageError("the file has no rows", where=self._file.where, fix=fix)

    def _refused(self, what: str) -> UsageError:
        reason = self.counts.most_common(1)[0][0]
        where, seen = self._first[reason]
        fix = _FIXES.get(reason, "fix the file")
        more = "" if what.startswith("no row") else f", or raise bad-rows ({self.limit})"
        return UsageError(f"{what}; {seen}", where=where, fix=fix + more)
