"""The filter `nsfw`: drops texts with terms of sex and violence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from deshi.api import Drop, Env, Help, Item, Keep, Verdict

_TERMS = (
    "性行為",
    "性交",
    "ポルノ",
    "アダルト",
    "風俗",
    "売春",
    "淫行",
    "殺人",
    "虐殺",
    "拷問",
    "処刑",
    "惨殺",
)
# What the terms hit wrongly in 65,000 sentences of Wikipedia, and words made like it.
_KEEP = (
    "風俗史",
    "風俗画",
    "風俗文選",
    "風俗習慣",
    "風俗や習慣",
    "民俗風俗",
    "アダルト・コンテンポラリー",
    "アダルトコンテンポラリー",
    "アダルトチルドレン",
    "ポルノグラフィティ",
    "殺人的",
)


@dataclass(frozen=True, kw_only=True)
class NsfwParams:
    """Parameters of `nsfw`."""

    terms: Annotated[tuple[str, ...], Help("Terms that drop a text.")] = _TERMS
    keep: Annotated[
        tuple[str, ...], Help("Longer words in which a term may stand: 風俗史 is no reason.")
    ] = _KEEP


class Nsfw:
    """Drops texts that hold a term, unless it stands within a word that is to be kept."""

    def __init__(self, params: NsfwParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._terms = tuple(term for term in params.terms if term)
        self._keep = tuple(word for word in params.keep if word)

    def judge(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict an item; the detail is the first term in the order of the list."""
        return [self._judged(item.text.text) for item in items]

    def _judged(self, text: str) -> Verdict:
        present = [term for term in self._terms if term in text]
        if not present:
            return Keep()
        harmless = list(_spans(self._keep, text))
        for term in present:
            for start, end in _spans((term,), text):
                if not any(first <= start and end <= last for first, last in harmless):
                    return Drop("nsfw", term)
        return Keep()


def _spans(words: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield where each word stands in the text, overlaps included."""
    for word in words:
        for found in re.finditer(f"(?={re.escape(word)})", text):
            yield found.start(), found.start() + len(word)
