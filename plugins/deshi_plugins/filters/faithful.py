"""The filter `faithful`: drops rewrites that lose the numbers and names of their source."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal

from deshi.api import Drop, Env, Item, Keep, Verdict
from deshi_plugins.filters.numerals import numbers
from deshi_plugins.filters.params import FaithfulParams

_QUOTED = re.compile("「([^「」]{1,30})」|『([^『』]{1,30})』")
_NAME = re.compile("[ァ-ヺ][ァ-ヺー]{2,}|[a-zà-öø-ɏ]{2,}")


class Faithful:
    """Drops a rewrite that loses more than a share of what its source names.

    Looked for are numbers by value, runs of at least three katakana or two Latin letters, and what
    stands in quotation marks. A number in kanji counts from two characters on, since 一 and 三 are
    parts of words; so 二人 may become ふたり. Width, case and spaces do not matter.
    """

    def __init__(self, params: FaithfulParams, env: Env) -> None:
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail shows what was lost."""
        return [self._verdict(_fold(item.source), _fold(item.text.text)) for item in items]

    def _verdict(self, source: str, text: str) -> Verdict:
        if source == text:
            return Keep()
        rest = _QUOTED.sub(" ", source)
        values = dict(_numbers(rest))
        names = dict.fromkeys((*_quoted(source), *_NAME.findall(rest)))
        present = {value for _, value in numbers(text)}
        squeezed = text.replace(" ", "")
        lost_numbers = [written for value, written in values.items() if value not in present]
        lost_names = [name for name in names if name.replace(" ", "") not in squeezed]
        lost = len(lost_numbers) + len(lost_names)
        if lost <= self.params.tolerance * (len(values) + len(names)):
            return Keep()
        reason = "number-lost" if lost_numbers else "name-lost"
        return Drop(reason, " ".join((*lost_numbers, *lost_names)))


def _numbers(source: str) -> Iterator[tuple[Decimal, str]]:
    """Yield the numbers that must be kept: with figures, or of two kanji at least."""
    for written, value in numbers(source):
        if len(written) > 1 or written.isascii():
            yield value, written


def _quoted(source: str) -> Iterator[str]:
    for one, other in _QUOTED.findall(source):
        yield one or other


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
