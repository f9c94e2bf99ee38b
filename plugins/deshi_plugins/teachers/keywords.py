"""Keywords of the word tables in a text, by lemmas and never inside other words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deshi_plugins.teachers.cues import Negation, negation
from deshi_plugins.teachers.morphemes import Morpheme, Morphemes
from deshi_plugins.teachers.word_tables import Source, Word, cldr_words, own_words

_LONGEST = 6
_KANJI = re.compile("[一-龥々]")
_KATAKANA = re.compile("[ァ-ヴ]")
_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "感動詞", "副詞"})
_TOPIC_MARKS = frozenset({"は", "が", "も", "って", "へ"})
_COMPOUND = 1.15
_TOPIC = 1.1
_AFTER_OWN = 0.35


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the tables at one position of a text, with its emoji and their weights."""

    word: str
    source: Source
    senses: tuple[tuple[str, float], ...]
    position: float


class Keywords:
    """The tables, indexed by lemmas.

    A word matches where all its lemmas are consecutive, the longest first, and then covers its
    position. A spelling that a table names itself counts before the lemma that it shares with others.
    """

    def __init__(self, morphemes: Morphemes) -> None:
        self._morphemes = morphemes
        self._words: dict[tuple[str, ...], list[Word]] = {}
        self._reach: dict[str, int] = {}
        for word in (*own_words(), *cldr_words()):
            self._add(word)

    def find(self, morphemes: Sequence[Morpheme]) -> list[Hit]:
        """Return all matches, in the order of the text."""
        hits: list[Hit] = []
        start = 0
        while start < len(morphemes):
            end, words = self._longest(morphemes, start)
            hits.extend(_hits(words, morphemes, start, end))
            start = max(end, start + 1)
        return hits

    def _longest(self, morphemes: Sequence[Morpheme], start: int) -> tuple[int, list[Word]]:
        first = morphemes[start]
        reach = max(self._reach.get(first.base, 0), self._reach.get(first.lemma, 0))
        for end in range(min(len(morphemes), start + reach), start, -1):
            words = self._at(morphemes[start:end])
            if words and (end - start > 1 or _may_stand_alone(morphemes, start)):
                return end, words
        return start, []

    def _at(self, span: Sequence[Morpheme]) -> list[Word]:
        spelling, lemmas = _keys(span)
        words = self._words.get(spelling, [])
        if spelling == lemmas or any(word.source != "cldr" for word in words):
            return words
        return words + self._words.get(lemmas, [])

    def _add(self, word: Word) -> None:
        span = self._morphemes.split(unicodedata.normalize("NFKC", word.text))
        while word.source != "emotion" and len(span) > 1 and span[0].base in {"お", "ご", "御"}:
            span = span[1:]
        if not span or len(span) > _LONGEST or not _is_word(span, word):
            return
        keys = _keys(span)
        for key in keys[:1] if _is_spelled_so(word) else keys:
            self._reach[key[0]] = max(self._reach.get(key[0], 0), len(key))
            words = self._words.setdefault(key, [])
            if all(known.text != word.text or known.source != word.source for known in words):
                words.append(word)


def _keys(span: Sequence[Morpheme]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple([m.base for m in span]), tuple([m.lemma for m in span])


def _is_spelled_so(word: Word) -> bool:
    """Tell whether a word counts in its own spelling alone.

    Two letters of kana are too little to stand for all that is read that way, and slang in
    katakana means something else than its kanji: ウケる is no 受ける, キレる no 切れる.
    """
    if word.source == "cldr":
        return False
    short = len(word.text) <= 2 and not _KANJI.search(word.text)
    return short or (word.source == "emotion" and bool(_KATAKANA.search(word.text)))


def _is_word(span: Sequence[Morpheme], word: Word) -> bool:
    """Tell whether a table's word can be recognised; なると in kana is mostly なる and と."""
    # 許して as a phrase of its own would hide 許す, and the negation of 許していない with it.
    if word.source == "cldr" and span[-1].pos in {"助詞", "助動詞"}:
        return False
    particles = any(m.pos == "助詞" for m in span)
    if particles and word.source == "cldr" and not _KANJI.search(word.text):
        return False
    return any(m.pos in _CONTENT for m in span)


def _may_stand_alone(morphemes: Sequence[Morpheme], index: int) -> bool:
    """Tell whether one morpheme is a word here, and no counter, suffix, helper verb or name."""
    morpheme = morphemes[index]
    if morpheme.pos not in _CONTENT or morpheme.detail.startswith("固有名詞-人名"):
        return False
    if "数詞" in morpheme.detail and "助数詞" not in morpheme.detail:
        return False
    before = morphemes[index - 1] if index else None
    if before is None:
        return True
    if "助数詞" in morpheme.detail and before.detail.startswith("数詞"):
        return False
    helper = morpheme.pos == "動詞" and "非自立" in morpheme.detail
    if helper and before.lemma in {"て", "で"}:
        return False
    return not (morpheme.base == "いう" and before.lemma == "と")


def _hits(
    words: Sequence[Word], morphemes: Sequence[Morpheme], start: int, end: int
) -> Iterator[Hit]:
    # 草 as the last word is laughter, and then no plant; but 庭の草 is.
    last = _is_final(morphemes, end) and morphemes[start - 1 if start else end - 1].surface != "の"
    words = [word for word in words if last or not word.final]
    words = [word for word in words if word.final] or words
    own = any(word.source != "cldr" for word in words)
    sense = negation(morphemes, end)
    topic = end < len(morphemes) and morphemes[end].surface in _TOPIC_MARKS
    factor = (_COMPOUND if end - start > 1 else 1.0) * (_TOPIC if topic else 1.0)
    for word in words:
        senses = _senses(word, sense)
        if word.source == "place" and not topic:
            continue
        weight = factor * (_AFTER_OWN if own and word.source == "cldr" else 1.0)
        if senses:
            yield Hit(
                word=word.text,
                source=word.source,
                senses=tuple((emoji, weight * share) for emoji, share in senses),
                position=end / len(morphemes),
            )


def _senses(word: Word, sense: Negation) -> tuple[tuple[str, float], ...]:
    if sense == "none":
        return word.senses
    if word.source == "emotion":
        return word.negated
    # 犬がいない still is about the dog; 犬じゃない and 走らない are not.
    return word.senses if sense == "absence" else ()


def _is_final(morphemes: Sequence[Morpheme], end: int) -> bool:
    return all(m.pos in {"補助記号", "記号"} for m in morphemes[end:])
