"""Counts the rows that a corpus could not use, and refuses a file that has too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from deshi.api import UsageError
from deshi_plugins.corpora.rows import Fault

_MENDS = {
    "not UTF-8": "convert the file, for instance with iconv -f SHIFT_JIS -t UTF-8",
    "label is no emoji": "say what it stands for in emoji-for, where '' is for no emoji at all",
}


class Tally:
    """Rows that were left out, by reason, with the first of each; more than `limit` are an error."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}
        self._good = 0
        self._bad = 0

    def begin(self) -> None:
        """Start with a file."""
        self._good = self._bad = 0

    def good(self) -> None:
        """Count a row that can be used."""
        self._good += 1

    def bad(self, fault: Fault, where: str) -> None:
        """Count a row that cannot be used. Raises UsageError if that is one too many."""
        self._bad += 1
        self.counts[fault.reason] += 1
        detail = f": {fault.detail}" if fault.detail else ""
        self._first.setdefault(fault.reason, f"{where}: {fault.reason}{detail}")
        if self.counts.total() > self.limit:
            raise self._refused(f"{self.counts.total()} rows cannot be used")

    def end(self, where: str) -> None:
        """Be done with a file. Raises UsageError if no row of it can be used."""
        if not self._good and self._bad:
            raise self._refused("no row of the file can be used")
        if not self._good:
            raise UsageError("the file has no rows", where=where, mend="name another file")

    def warnings(self) -> Iterator[str]:
        """Yield what a reader of the results must know."""
        for reason, count in self.counts.most_common():
            yield f"{count} of the rows left out as unusable; the first is {self._first[reason]}"

    def _refused(self, what: str) -> UsageError:
        reason = self.counts.most_common(1)[0][0]
        where, _, seen = self._first[reason].partition(f": {reason}")
        mend = _MENDS.get(reason, "mend the file")
        more = "" if what.startswith("no row") else f", or raise bad-rows ({self.limit})"
        return UsageError(f"{what}, most for this: {reason}{seen}", where=where, mend=mend + more)
