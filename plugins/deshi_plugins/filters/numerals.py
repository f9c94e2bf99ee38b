"""The values of the numbers in a Japanese text, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
# Bounded: a line of a million figures is no number, and its value would overflow.
_FIGURES = r"[0-9]{1,15}(?:,[0-9]{3}){0,5}(?:\.[0-9]{1,15})?"
_KANJI = "".join((*_DIGITS, *_SMALL, *_LARGE))
_NUMBER = re.compile(f"(?:{_FIGURES}|[{_KANJI}]){{1,30}}")
_PART = re.compile(f"{_FIGURES}|[{_KANJI}]")


def numbers(text: str) -> Iterator[tuple[str, Decimal]]:
    """Yield each number in a text folded by NFKC, as written and by value.

    1,000, 千, 一〇〇〇 and 1千 are all 1000; 1万2000 is 12000 and 2.5万 is 25000.
    """
    for number in _NUMBER.findall(text):
        yield number, _value(number)


def _value(written: str) -> Decimal:
    total, section, figures = Decimal(0), Decimal(0), ""
    for part in _PART.findall(written):
        if part in _SMALL:
            section += Decimal(figures or 1) * _SMALL[part]
            figures = ""
        elif part in _LARGE:
            total += (section + Decimal(figures or 0) or 1) * _LARGE[part]
            section, figures = Decimal(0), ""
        else:
            figures = _appended(figures, _DIGITS.get(part, part.replace(",", "")))
    return total + section + Decimal(figures or 0)


def _appended(figures: str, more: str) -> str:
    """Put figures one after the other; a second decimal point, as in 1.5一.2, ends the first number."""
    return more if "." in figures and "." in more else figures + more
