"""The tables of words behind the keyword teachers: three of our own, and CLDR's annotations."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, TypeAlias

from deshi.emoji import EmojiInfo, inventory

Source: TypeAlias = Literal["emotion", "domain", "place", "cldr"]
Senses: TypeAlias = tuple[tuple[str, float], ...]

_RANK_FACTORS = (1.0, 0.7, 0.5, 0.4)


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase and the emoji that it stands for, best first, with weights in (0, 1].

    `negated` are the emoji of its negation, where it has some. A `final` word counts only as the
    last word of a sentence.
    """

    text: str
    source: Source
    senses: Senses
    negated: Senses = ()
    final: bool = False


def own_words() -> Iterator[Word]:
    """Yield the words of the tables that come with these teachers."""
    for words, _polarity, emoji, negated in _rows("emotions", 4):
        senses, flipped = _senses(emoji), _senses(negated)
        for word in words.split("|"):
            yield Word(word.rstrip("$"), "emotion", senses, flipped, final=word.endswith("$"))
    for words, emoji, strength in _rows("domain", 3):
        senses = _senses(emoji, float(strength or 1))
        yield from (Word(word, "domain", senses) for word in words.split("|"))
    for words, emoji in _rows("places", 2):
        senses = _senses(emoji)
        yield from (Word(word, "place", senses) for word in words.split("|"))


def polarities() -> dict[str, str]:
    """Return `+`, `-` or `0` for each word of feeling."""
    rows = _rows("emotions", 4)
    return {word.rstrip("$"): row[1] for row in rows for word in row[0].split("|")}


def _rows(name: str, columns: int) -> Iterator[list[str]]:
    for line in _text(f"{name}.tsv").splitlines():
        if line and not line.startswith("# "):
            cells = line.split("\t")
            yield cells + [""] * (columns - len(cells))


def _text(name: str) -> str:
    file = files("deshi_plugins.teachers").joinpath("data", name)
    return file.read_text(encoding="utf-8")


def _senses(cell: str, strength: float = 1.0) -> Senses:
    senses = []
    for emoji, default in zip(cell.split(), _RANK_FACTORS, strict=False):
        name, _, weight = emoji.partition(":")
        senses.append((name, strength * (float(weight) if weight else default)))
    return tuple(senses)


# Keywords of one character are mostly morphemes of other words; these stand for things.
_ONE_CHARACTER = frozenset(
    "犬猫雨雪花魚海山川空月星本傘馬鳥牛豚羊猿虎熊兎亀蛇蛙虫蝶蜂蟻桜森島波虹雷雲霧氷火"
    "家城橋駅車船靴服鍵薬卵肉米茶酒塩桃栗梨芋豆鐘笛弓剣盾鏡箱針糸骨歯耳鼻涙血脳恋鬼竜"
    "龍象鹿狐狼鼠蚊貝蟹鮫鯨鳩鶴鴨鷲蓮竹松柿葱鍋皿箸瓶扉窓椅机帯帽冠指輪鋸斧槌錨舟塔墓"
    "寺滝湖畑庭炎煙宝詩書絵歌琴笙鈴凧鞠"
)

_EXCLUDED_SUBGROUPS = frozenset(
    {
        "keycap",
        "alphanum",
        "geometric",
        "arrow",
        "av-symbol",
        "math",
        "gender",
        "zodiac",
        "currency",
        "punctuation",
        "country-flag",
        "subdivision-flag",
        "person-symbol",
        "family",
    }
)
_CLOCK = re.compile("[\U0001f550-\U0001f567]")
# Rules against this one are part of the usual prompts, and a rule can keep them.
_BANNED = "✨"
_HIRAGANA = re.compile(r"[ぁ-んー]{1,2}|[A-Za-z]{1,2}|[0-9０-９一二三四五六七八九十百千]+")
_MOST = 25
_KEPT = 3


def cldr_words() -> Iterator[Word]:
    """Yield the usable Japanese keywords of CLDR, weighted by inverse document frequency.

    A keyword of few emoji weighs more than one of many; among its emoji the one that it names
    comes first, then the older one, which is as a rule the one in use.
    """
    shown = [info for info in inventory().values() if is_shown(info)]
    by_keyword: dict[str, list[EmojiInfo]] = {}
    for info in shown:
        for keyword in dict.fromkeys((_short(info.name), *info.keywords)):
            by_keyword.setdefault(keyword, []).append(info)
    for keyword, infos in by_keyword.items():
        if is_usable(keyword) and len(infos) <= _MOST:
            rarity = math.log(1 + len(shown) / len(infos)) / math.log(1 + len(shown))
            yield Word(keyword, "cldr", _rank(keyword, infos, rarity))


def unambiguous() -> list[tuple[str, str]]:
    """Return the keywords of CLDR that exactly one usable emoji has, with that emoji.

    Words of our own tables are left out: the tables take precedence.
    """
    own = {word.text for word in own_words()}
    shown = [info for info in inventory().values() if is_shown(info)]
    count = Counter(keyword for info in shown for keyword in {_short(info.name), *info.keywords})
    return [
        (keyword, info.emoji)
        for info in shown
        for keyword in dict.fromkeys((_short(info.name), *info.keywords))
        if count[keyword] == 1 and is_usable(keyword) and keyword not in own
    ]


def is_shown(info: EmojiInfo) -> bool:
    """Tell whether these teachers would ever use an emoji for its keywords."""
    gendered = info.group == "people-body" and re.search("[👨👩]\u200d|\u200d[♀♂]", info.emoji)
    return not (
        info.subgroup in _EXCLUDED_SUBGROUPS
        or info.emoji == _BANNED
        or gendered
        or _CLOCK.match(info.emoji)
    )


def is_usable(keyword: str) -> bool:
    """Tell whether a keyword stands for a thing rather than for a part of other words."""
    if len(keyword) == 1:
        return keyword in _ONE_CHARACTER
    return keyword not in _stop() and not _HIRAGANA.fullmatch(keyword)


@functools.cache
def _stop() -> frozenset[str]:
    """Return the keywords that hang on very many emoji without being what these show."""
    lines = _text("stop.txt").splitlines()
    return frozenset(word for line in lines if not line.startswith("# ") for word in line.split())


def _rank(keyword: str, infos: list[EmojiInfo], rarity: float) -> Senses:
    weighted = [(info.emoji, rarity * _fit(keyword, info)) for info in infos]
    weighted.sort(key=lambda sense: -sense[1])
    best = weighted[:_KEPT]
    return tuple(
        (emoji, weight * factor)
        for (emoji, weight), factor in zip(best, _RANK_FACTORS, strict=False)
    )


def _fit(keyword: str, info: EmojiInfo) -> float:
    name = _short(info.name)
    relation = 1.0 if name == keyword else 0.85 if keyword in name else 0.65
    age = 1.0 if info.version <= 1 else 0.9 if info.version <= 5 else 0.8
    kind = {"symbols": 0.5, "people-body": 0.85, "smileys-emotion": 0.7}.get(info.group, 1.0)
    return relation * age * kind


def _short(name: str) -> str:
    """Return a name without what it shares with others: イヌの顔 is イヌ."""
    return name.removesuffix("の顔")
