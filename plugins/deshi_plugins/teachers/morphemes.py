"""Japanese morphemes of fugashi and unidic-lite, reduced to the fields in use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

# MeCab ends a string at NUL and takes other control characters for words.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")

# On one word of 200,000 characters MeCab dies, and takes the process with it.
_LONGEST = 10_000

_KANJI = re.compile("[一-龥々]")

# Readings that the dictionary files under one lemma although they are different words.
_SEPARATE = {("辛い", "つらい"): "つらい"}


@dataclass(frozen=True, slots=True)
class Morpheme:
    """One morpheme.

    `base` is the dictionary form in the spelling of the text, `lemma` the dictionary's headword,
    which unites spellings: ねこ, ネコ and 猫 are all 猫. Where the dictionary unites different kanji,
    as 撮る with 取る, the lemma is the spelling. `known` is false for words that it lacks.
    """

    surface: str
    base: str
    lemma: str
    pos: str
    detail: str
    conjugation: str
    form: str
    known: bool


def fit(text: str) -> Iterator[str]:
    """Yield a text in parts that MeCab accepts: no control characters, none of excessive length."""
    whole = _CONTROL.sub(" ", text)
    return (whole[start : start + _LONGEST] for start in range(0, len(whole), _LONGEST))


class Morphemes:
    """Splits texts into morphemes; one tagger, and a cache of its output."""

    def __init__(self) -> None:
        from fugashi import Tagger

        self._tagger: Any = Tagger()
        self._seen: dict[tuple[str, str], Morpheme] = {}

    def split(self, text: str) -> list[Morpheme]:
        """Return the morphemes of a text in order; spaces are left out."""
        # Reading a feature costs more than finding it, and most words come again.
        morphemes = []
        for node in chain.from_iterable(map(self._tagger, fit(text))):
            key = (node.surface, node.feature_raw)
            morpheme = self._seen.get(key)
            if morpheme is None:
                morpheme = self._seen.setdefault(key, _morpheme(node))
            if morpheme.pos != "空白":
                morphemes.append(morpheme)
        return morphemes


def _morpheme(node: Any) -> Morpheme:  # noqa: ANN401 - fugashi is not typed
    surface: str = node.surface
    feature = node.feature
    base = feature.orthBase or surface
    # 固有名詞 have their reading as the lemma, which would unite places that sound alike.
    lemma = base if feature.pos2 == "固有名詞" else _headword(feature.lemma) or base
    if not _agree(base, lemma):
        lemma = base
    return Morpheme(
        surface=surface,
        base=base,
        lemma=_SEPARATE.get((lemma, base), lemma),
        pos=feature.pos1,
        detail=f"{feature.pos2}-{feature.pos3}",
        conjugation=feature.cType or "",
        form=feature.cForm or "",
        known=not node.is_unk,
    )


def _agree(base: str, lemma: str) -> bool:
    one, other = set(_KANJI.findall(base)), set(_KANJI.findall(lemma))
    return not one or not other or one <= other or other <= one


def _headword(lemma: str | None) -> str | None:
    """Return the lemma without the word of origin: トマト-tomato is トマト."""
    return lemma.partition("-")[0] if lemma else None
