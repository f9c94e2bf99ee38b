"""Cues of a sentence around its words: negation, questions, exclamations, register."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deshi_plugins.teachers.morphemes import Morpheme

Negation: TypeAlias = Literal["none", "predicate", "copula", "absence"]

_NEGATIVE = frozenset({"ない", "無い", "ず", "ぬ", "まい"})
# What may stand between a word and its negation: 楽し|く|は|ない, 眠れ|て|い|ない, 好き|じゃ|ない.
_BETWEEN = frozenset(
    {
        "て",
        "は",
        "も",
        "が",
        "だ",
        "です",
        "ます",
        "れる",
        "られる",
        "せる",
        "させる",
        "たい",
        "為る",
        "居る",
        "有る",
        "そう",
        "過ぎる",
        "に",
    }
)
_WINDOW = 6

_QUESTION = re.compile(r"[？?]|(?:かな|だろうか|でしょうか|かしら|のか|ますか|ですか)[ぁぁー…。]*$")
_EXCLAMATION = re.compile(r"[！!‼]|ｗ|www")
_SPEECH = re.compile(r"[「『“\"]")
_WRITTEN = re.compile(
    r"(?:である|であった|とされる|という|された|されている|れている|れた|となった|[ぁ-ん一-龥]る|した|いる)。?$"
)
_POLITE = re.compile(r"(?:です|ます|ました|でした|ません|ください)[ねよ]?[。！!]?$")


@dataclass(frozen=True, slots=True)
class Cues:
    """What a sentence is like, whatever it is about."""

    question: bool
    exclamation: bool
    speech: bool
    polite: bool
    written: bool


def cues(text: str) -> Cues:
    """Return the cues of a sentence."""
    return Cues(
        question=bool(_QUESTION.search(text)),
        exclamation=bool(_EXCLAMATION.search(text)),
        speech=bool(_SPEECH.search(text)),
        polite=bool(_POLITE.search(text)),
        written=bool(_WRITTEN.search(text)),
    )


def negation(morphemes: Sequence[Morpheme], end: int) -> Negation:
    """Tell whether and how the word that ends before `end` is negated.

    `predicate`: 走らない, 楽しくない, 運転しない. `copula`: 犬じゃない.
    `absence`: 犬がいない, 元気がない.
    Duties (しなければならない), rhetorical questions (しませんか, じゃない？) and しか～ない are none.
    """
    copula = marked = verb = False
    for index in range(end, min(end + _WINDOW, len(morphemes))):
        morpheme = morphemes[index]
        if morpheme.lemma in _NEGATIVE and morpheme.pos in {"助動詞", "形容詞"}:
            if _is_no_denial(morphemes, index):
                return "none"
            return "copula" if copula else "absence" if marked and not verb else "predicate"
        if morpheme.lemma not in _BETWEEN or _is_contrast(morpheme):
            return "none"
        copula |= morpheme.lemma == "だ"
        marked |= morpheme.surface in {"が", "も", "は"} and index == end
        verb |= morpheme.lemma == "為る"
    return "none"


def _is_no_denial(morphemes: Sequence[Morpheme], index: int) -> bool:
    negative, rest = morphemes[index], morphemes[index + 1 : index + 3]
    if negative.form.startswith("仮定形") or negative.form == "連用形-融合":
        return True
    following = [m.surface for m in rest]
    if following[:1] and following[0] in {"か", "かっ", "？", "?", "と", "かな"}:
        return True
    return following[:2] in (["です", "か"], ["て", "は"])


def _is_contrast(morpheme: Morpheme) -> bool:
    return morpheme.detail.startswith("接続助詞") and morpheme.surface in {"が", "けど"}
