"""The filter `language-leakage`: drops rewrites in which another language shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from deshi.api import Drop, Env, Item, Keep, Verdict
from deshi_plugins.filters.params import LanguageLeakageParams

_LATIN = re.compile("[a-zà-öø-ɏ]+")
_LAUGHTER = re.compile("w+")  # 草 and 笑, typed
_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[ぁ-ゖァ-ヺ]")


class LanguageLeakage:
    """Drops a rewrite with Latin words or Chinese characters that its source has not.

    `latin`: runs of at least `min-latin` Latin letters; a run of w is laughter. `chinese`:
    characters that Chinese has and Japanese has not, such as 这, 们 or 你. `no-kana`: the source
    has kana and the rewrite has kanji alone.
    """

    def __init__(self, params: LanguageLeakageParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._allowed = frozenset(word.casefold() for word in params.allow)

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail shows the runs or characters."""
        return [self._verdict(_fold(item.text.text), _fold(item.source)) for item in items]

    def _verdict(self, text: str, source: str) -> Verdict:
        if words := list(self._latin(text, source)):
            return Drop("latin", " ".join(words))
        if characters := _distinct(c for c in text if is_chinese(c) and c not in source):
            return Drop("chinese", " ".join(characters))
        if _KANA.search(source) and _HAN.search(text) and not _KANA.search(text):
            return Drop("no-kana", text)
        return Keep()

    def _latin(self, text: str, source: str) -> Iterable[str]:
        for word in _distinct(_LATIN.findall(text)):
            short = len(word) < self.params.min_latin or _LAUGHTER.fullmatch(word)
            if not short and word not in self._allowed and word not in source:
                yield word


@lru_cache(maxsize=4096)
def is_chinese(character: str) -> bool:
    """Say whether GB 2312 has a kanji and JIS X 0208 lacks it.

    Nearly all simplified forms that Japanese does not share are among these 3,432, and words of
    daily Chinese such as 你 and 吧. 国, 学 and 会 are in both sets and count as Japanese.
    """
    return (
        _HAN.match(character) is not None
        and _has("gb2312", character)
        and not _has("shift_jis", character)
    )


def _has(charset: str, character: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _distinct(matches: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(matches))
