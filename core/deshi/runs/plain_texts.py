"""Plain sentences as the texts that a student predicts for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from deshi.api import Text, UsageError

BATCH = 1024
"""How many texts are predicted for at a time."""

WRITE = "write a sentence, such as 今日のライブ最高だった！"
"""What to do where there is none."""


def texts_of(words: Iterable[str]) -> Iterator[Text]:
    """Yield the texts of plain words, numbered from 1.

    Raises:
        UsageError: one is blank.
    """
    for number, word in enumerate(words, 1):
        yield text_of(word, str(number), where=f"text {number}")


def batched(texts: Iterable[Text], size: int = BATCH) -> Iterator[Sequence[Text]]:
    """Yield texts some at a time."""
    rest = iter(texts)
    while some := list(islice(rest, size)):
        yield some


def text_of(text: str, name: str, document: str | None = None, *, where: str) -> Text:
    """Return one text; `where` says which it is.

    Raises:
        UsageError: it is blank.
    """
    if all(unicodedata.category(character)[0] in "ZC" for character in text):
        raise UsageError("the text is blank", where=where, mend=WRITE)
    # A name that no corpus gives: a student may leave out what it learned from the same document.
    return Text(id=name, document=document or f"asked:{name}", text=text.strip())
