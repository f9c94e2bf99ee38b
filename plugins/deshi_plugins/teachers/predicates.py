"""How a Japanese sentence ends: its last predicate, taken out of polite and bookish forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deshi_plugins.teachers.conjugation import negative, past, volitional
from deshi_plugins.teachers.morphemes import Morpheme

Kind: TypeAlias = Literal["noun", "plain", "past", "explained", "guess", "volition", "request"]

_NOUNS = frozenset({"名詞", "接尾辞", "形状詞"})
_FINAL = ("終止形", "連体形")


@dataclass(frozen=True, slots=True)
class Predicate:
    """The end of a sentence: the last `count` morphemes, their plain form and its kind."""

    count: int
    plain: str
    kind: Kind
    polite: bool = False
    bookish: bool = False


def predicate(words: Sequence[Morpheme]) -> Predicate | None:
    """Return the predicate at the end, or None if that is already speech or something unknown."""
    if not words:
        return None
    polite = any(word.lemma in {"です", "ます"} for word in words[-3:])
    return _polite(words) or _bookish(words) or (None if polite else _plain(words))


def _polite(words: Sequence[Morpheme]) -> Predicate | None:
    last, before = words[-1], _back(words, 1)
    if last.lemma == "です":
        return _desu(words)
    if last.lemma == "ます" and before:
        if last.form.startswith("意志推量形"):
            return Predicate(2, volitional(before), "volition", polite=True)
        return _of_verb(2, before, before.base, "plain")
    if before is None:
        return None
    if last.lemma == "ず" and before.lemma == "ます":
        verb = _back(words, 2)
        return _of_verb(3, verb, negative(verb), "plain") if verb else None
    if last.lemma == "た" and last.pos == "助動詞":
        return _polite_past(words)
    if last.lemma == "下さる" and before.surface in {"て", "で"}:
        return Predicate(1, "", "request", polite=True)
    return None


def _desu(words: Sequence[Morpheme]) -> Predicate:
    last, before = words[-1], _back(words, 1)
    if last.form.startswith("意志推量形"):
        return Predicate(1, "だろう", "guess", polite=True)
    if before and before.detail.startswith("準体助詞"):
        return Predicate(2, "ん", "explained", polite=True)
    if before and before.lemma == "た":
        return Predicate(1, "", "past", polite=True)
    if before and _is_adjectival(before):
        return Predicate(1, "", "plain", polite=True)
    return Predicate(1, "", "noun", polite=True)


def _polite_past(words: Sequence[Morpheme]) -> Predicate | None:
    before, verb = words[-2], _back(words, 2)
    if before.lemma == "ます" and verb:
        return _of_verb(3, verb, past(verb), "past")
    if before.lemma != "です":
        return None
    if verb and verb.lemma == "ず":
        stem = _back(words, 4)
        return _of_verb(5, stem, negative(stem)[:-1] + "かった", "past") if stem else None
    return Predicate(2, "だった", "past", polite=True)


def _bookish(words: Sequence[Morpheme]) -> Predicate | None:
    last, before = words[-1], _back(words, 1)
    if last.lemma == "有る" and before and before.lemma == "だ":
        if last.form.startswith("意志推量形"):
            return Predicate(2, "だろう", "guess", bookish=True)
        if last.form.startswith(_FINAL):
            return Predicate(2, "", "noun", bookish=True)
    copula = _back(words, 2)
    if last.lemma == "た" and before and before.lemma == "有る" and copula and copula.lemma == "だ":
        return Predicate(3, "だった", "past", bookish=True)
    return None


def _plain(words: Sequence[Morpheme]) -> Predicate | None:
    last, before = words[-1], _back(words, 1)
    if last.lemma == "だ" and last.pos == "助動詞":
        explains = before is not None and before.detail.startswith("準体助詞")
        is_end = last.form.startswith("終止形") and not explains
        return Predicate(1, "", "noun") if is_end else None
    if last.pos in {"動詞", "形容詞", "助動詞"} and last.form.startswith(_FINAL):
        bookish = before is not None and before.lemma in {"れる", "られる"}
        bookish |= last.lemma in {"れる", "られる"}
        return Predicate(0, "", "past" if last.lemma == "た" else "plain", bookish=bookish)
    if last.pos in _NOUNS or last.surface in {"」", "』", "）", ")"}:
        return Predicate(0, "", "noun")
    return None


def _of_verb(count: int, verb: Morpheme | None, plain: str, kind: Kind) -> Predicate | None:
    # ございます and its like have no plain form that means the same.
    if verb is None or verb.lemma in {"御座る", "御座います"} or not verb.conjugation.strip("*"):
        return None
    return Predicate(count, plain, kind, polite=True)


def _is_adjectival(word: Morpheme) -> bool:
    adjectives = ("形容詞", "助動詞-ナイ", "助動詞-タイ", "助動詞-ラシイ")
    return word.conjugation.startswith(adjectives)


def _back(words: Sequence[Morpheme], steps: int) -> Morpheme | None:
    return words[-1 - steps] if len(words) > steps else None
