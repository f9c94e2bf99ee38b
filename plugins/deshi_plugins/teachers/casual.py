"""The teacher `casual`: bookish sentences in casual speech, by rules. It is no language model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Self

from deshi.api import ComponentError, Env, NoParams, Reply, Request
from deshi_plugins.teachers.choice import seeded
from deshi_plugins.teachers.morphemes import Morpheme, Morphemes
from deshi_plugins.teachers.predicates import Predicate, predicate

_LONGEST = 100
_SENTENCE_END = "。！？!?"
_OPEN, _CLOSE = "「『（(【〈《[", "」』）)】〉》]"

_HEARSAY_ENDINGS = {
    "noun": ("なんだって", "なんだよね", "らしいよ", "だって"),
    "plain": ("んだって", "んだよね", "らしいよ"),
    "past": ("んだって", "んだよね", "らしいよ"),
    "explained": ("だって", "だよね"),
}
_STATEMENT_ENDINGS = {
    "noun": ("だよ", "なんだよね", "なんだよ"),
    "plain": ("よ", "んだよね", "んだ", "んだよ"),
    "past": ("よ", "んだよね", "んだ"),
    "explained": ("だよ", "だよね"),
    "guess": ("ね", "なあ"),
    "volition": ("ね", "よ"),
    "request": ("ね", "よ"),
}
_QUESTION_ENDINGS = {"noun": "なの？", "plain": "の？", "past": "の？", "explained": "だよね？"}
_LEADS = ("", "", "", "", "へえ、", "ちなみに", "そういえば")

# Bookish words by lemma and part of speech.
_WORDS = {
    ("然し", "接続詞"): "でも",
    ("しかし", "接続詞"): "でも",
    ("及び", "接続詞"): "と",
    ("従って", "接続詞"): "だから",
    ("又", "接続詞"): "あと",
    ("又", "副詞"): "あと",
    ("最も", "副詞"): "一番",
    ("極めて", "副詞"): "すごく",
    ("屡", "副詞"): "よく",
    ("屡々", "副詞"): "よく",
    ("約", "接頭辞"): "だいたい",
}
_FACT = re.compile(r"[0-9０-９〇一二三四五六七八九十百千]{3}年|世紀|とされ|と呼ばれ|として知られ")


@dataclass(slots=True)
class _Token:
    """A morpheme and the text that stands for it, with the space before it."""

    morpheme: Morpheme
    text: str


class Casual:
    """Rewrites texts by rules on morphemes: no language model, no network.

    It turns です, ます and である at the end of sentences into plain speech with an ending such as
    んだよね or んだって, replaces a few bookish words, and keeps text that is already casual, quoted or
    not parsed. Numbers, names, brackets and emoji stay; none are added. The choice among possible
    endings depends on the text and the number of the sample alone.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._morphemes: Morphemes | None = None

    def __enter__(self) -> Self:
        self._morphemes = Morphemes()
        return self

    def __exit__(self, *exception: object) -> None:
        self._morphemes = None

    async def answer(self, request: Request) -> Reply:
        """Return the rewritten text."""
        if request.task != "rewrite":
            raise ComponentError(
                f"casual does not support the task {request.task}",
                where="teacher",
                fix="it only rewrites texts",
            )
        return Reply(content=self.rewrite(request.text, request.sample), model="casual (rules)")

    def rewrite(self, text: str, sample: int = 0) -> str:
        """Return a text in casual speech, never empty."""
        if not text.strip():
            return "…"
        if self._morphemes is None:
            self._morphemes = Morphemes()
        random = seeded("casual", text, sample)
        rewritten: list[str] = []
        for sentence in _sentences(text.strip()):
            tokens = _tokens(sentence, self._morphemes.split(sentence))
            casual = _rewrite_sentence(tokens, random, first=not rewritten) if tokens else None
            # A sentence that would become too long for the task stays as it was.
            fits = casual is not None and (len(casual) <= _LONGEST or len(casual) <= len(sentence))
            rewritten.append(casual if casual is not None and fits else sentence)
        return _shorten(rewritten)


def _rewrite_sentence(tokens: list[_Token], random: Random, *, first: bool) -> str | None:
    """Return one sentence in casual speech, or None to leave it."""
    body, end, is_question = _without_end(tokens)
    last = predicate([token.morpheme for token in body])
    if last is None or not (last.polite or end == "。"):
        return None
    if last.kind == "noun" and not (last.polite or last.bookish or body[-1].text == "だ"):
        return _rewrite_noun_ending(body, random, end)
    kept = body[: len(body) - last.count] if last.count else body
    if not kept and not last.plain:
        return None
    head = _spoken(kept)
    if is_question:
        ending = _QUESTION_ENDINGS.get(last.kind)
        return None if ending is None else head + last.plain + ending
    hearsay = last.bookish or (not last.polite and bool(_FACT.search(head)))
    return (
        _lead(random, hearsay=hearsay and first)
        + head
        + last.plain
        + _ending(last, random, end, hearsay=hearsay)
    )


def _rewrite_noun_ending(body: list[_Token], random: Random, end: str) -> str | None:
    """Return a sentence that ends in a noun with an ending: 舞台は京都なんだよね for 舞台は京都."""
    if not any(token.morpheme.pos == "助詞" for token in body) or body[-1].text in _CLOSE:
        return None
    last = Predicate(0, "", "noun")
    head = _spoken(body)
    return head + _ending(last, random, end, hearsay=bool(_FACT.search(head)))


def _ending(last: Predicate, random: Random, end: str, *, hearsay: bool) -> str:
    endings = _HEARSAY_ENDINGS.get(last.kind) if hearsay else None
    ending = random.choice(endings or _STATEMENT_ENDINGS[last.kind])
    loud = end in "！!" or (ending.endswith("って") and random.random() < 0.6)
    return ending + ("！" if loud else "。")


def _lead(random: Random, *, hearsay: bool) -> str:
    return random.choice(_LEADS) if hearsay else ""


def _without_end(tokens: list[_Token]) -> tuple[list[_Token], str, bool]:
    """Return the tokens without the end of the sentence, that end, and whether they are a question."""
    body = list(tokens)
    end = ""
    while body and body[-1].text.strip() in {*_SENTENCE_END}:
        end = body.pop().text.strip()
    is_question = (
        len(body) > 1 and body[-1].text == "か" and body[-2].morpheme.lemma in {"です", "ます"}
    )
    is_question = is_question or (len(body) > 1 and body[-1].text == "か" and _is_polite_past(body))
    if is_question:
        body.pop()
    return body, end, is_question


def _is_polite_past(body: list[_Token]) -> bool:
    return len(body) > 2 and body[-3].morpheme.lemma in {"です", "ます"}


def _spoken(tokens: Sequence[_Token]) -> str:
    """Return all before the predicate, with bookish words and joints outside brackets replaced."""
    spoken: list[str] = []
    depth = 0
    for index, token in enumerate(tokens):
        text = token.text
        depth = max(0, depth + (text in _OPEN) - (text in _CLOSE))
        spoken.append(text)
        if depth == 0:
            _join(spoken, tokens, index)
    return "".join(spoken)


def _join(spoken: list[str], tokens: Sequence[_Token], index: int) -> None:
    """Replace the end of what is spoken so far, where it is a bookish word or joint."""
    words = [token.morpheme for token in tokens[: index + 1]]
    last, text = words[-1], spoken[-1]
    plain = _WORDS.get((last.lemma, last.pos))
    if plain:
        spoken[-1] = text.replace(last.surface, plain)
    elif text == "、" and _surfaces(words, 3) == ["で", "あり", "、"] and words[-3].lemma == "だ":
        spoken[-2] = ""
    elif (
        text == "、" and _surfaces(words, 2) == ["おり", "、"] and words[-3].surface in {"て", "で"}
    ):
        spoken[-2] = "て"
    elif last.detail.startswith("接続助詞") and text in {"が", "けれど", "けれども"} and index:
        _contrast(spoken, words)


def _contrast(spoken: list[str], words: Sequence[Morpheme]) -> None:
    """Say 行ったけど for 行きましたが, and だけど for ですが."""
    last = predicate(words[:-1])
    if last is None or last.kind not in {"noun", "plain", "past"}:
        return
    spoken[-1] = "けど"
    if last.count:
        copula = "だ" if last.kind == "noun" else ""
        spoken[-1 - last.count : -1] = [last.plain + copula, *[""] * (last.count - 1)]


def _surfaces(words: Sequence[Morpheme], count: int) -> list[str]:
    return [word.surface for word in words[-count:]]


def _tokens(sentence: str, morphemes: Sequence[Morpheme]) -> list[_Token]:
    """Return the morphemes with their text, or nothing where they do not make up the sentence."""
    tokens, start = [], 0
    for morpheme in morphemes:
        at = sentence.find(morpheme.surface, start)
        if at < 0 or sentence[start:at].strip():
            return []
        start_of_next = at + len(morpheme.surface)
        tokens.append(_Token(morpheme, sentence[start:start_of_next]))
        start = start_of_next
    return tokens if not sentence[start:].strip() else []


def _sentences(text: str) -> list[str]:
    """Return the sentences with their ends; an end inside brackets is none."""
    sentences, start, depth = [], 0, 0
    for index, character in enumerate(text):
        depth = max(0, depth + (character in _OPEN) - (character in _CLOSE))
        following = text[index + 1 : index + 2]
        ends = character in _SENTENCE_END and following not in {*_SENTENCE_END, *_CLOSE, ""}
        if depth == 0 and ends:
            sentences.append(text[start : index + 1])
            start = index + 1
    return [*sentences, text[start:]]


def _shorten(sentences: Sequence[str]) -> str:
    """Return the first sentences that fit together, and the first one in any case."""
    text = sentences[0]
    for sentence in sentences[1:]:
        if len(text) + len(sentence) > _LONGEST:
            break
        text += sentence
    return text
