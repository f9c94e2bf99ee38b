"""Parameters of the built-in filters, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from deshi.api import Help
from deshi_plugins.filters.narrowing import Action

# All are anchored at the start, where a model refuses or introduces what it was asked for. People
# too write 申し訳ない or もちろん, so that each pattern needs the words of an assistant behind it.
_REFUSALS: tuple[str, ...] = (
    r"(?:大変|誠に)?申し訳(?:ありません|ございません|ないです)(?:が|けど|。|、|$)",
    (
        r"(?:すみません|ごめんなさい|恐れ入ります)(?:が|けど)?[、。]?"
        r"(?:その|この|ご)(?:リクエスト|要望|依頼|文章|文|内容|テキスト)"
    ),
    (
        r"(?:この|その|ご提示の|ご指定の|提供された)(?:リクエスト|テキスト|文章|文)"
        r"(?:は|を|に|には|の).{0,30}(?:できません|できかね|不適切|含まれて)"
    ),
    (
        r"(?:私は)?(?:AI|ＡＩ|人工知能)(?:アシスタント|言語モデル)?"
        r"(?:として|なので|ですので|のため)"
    ),
    r"I(?:['’]m| am) (?:sorry|unable|not able)|As an AI\b",
    r"I (?:can['’]?t|cannot|can not|won['’]t)\b",
)
_PREFACES = (
    r"以下(?:が|は|に|の(?:よう|通り|とおり)).{0,40}(?:です|ます|[:：]|でしょう)",
    (
        r"(?:はい、?)?(?:承知|了解|かしこまり|わかり|分かり)(?:いた|致)?し?ました[。！!、]?\s*"
        r"(?:以下|では|それでは|変換|書き換え|リライト|SNS|投稿)"
    ),
    (
        r"(?:もちろん|はい|では|それでは)[、。！!]\s*"
        r"(?:以下|変換|書き換え|リライト|SNS風|カジュアルな文)"
    ),
    (
        r"(?:SNS|ＳＮＳ|X|Twitter|LINE|ツイート|カジュアル)(?:風|調)?(?:な|の)?"
        r"(?:投稿|文章|文|変換|表現|バージョン|書き換え)?(?:文|例|案|後|結果)?\s*[:：]"
    ),
    (
        r"(?:変換|書き換え|書換|リライト|出力|回答|修正)"
        r"(?:後|例|案|結果|した文章|した文|文)?\s*[:：]"
    ),
    r"(?:Sure|Certainly|Of course)[,!]|Here(?:['’]s| is| are)\b",
    r"(?:Absolutely|Okay|OK)[,!.] ?(?:here|I|let|the)\b",
)
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
class BannedEmojiParams:
    """Parameters of `banned-emoji`."""

    emojis: Annotated[tuple[str, ...], Help("The emoji that no label may have.")] = ("✨",)
    action: Annotated[
        Action, Help("Drop the whole text (`drop-sample`) or the emoji alone (`drop-label`).")
    ] = "drop-sample"


@dataclass(frozen=True, kw_only=True)
class EmojiCountParams:
    """Parameters of `emoji-count`."""

    min: Annotated[int, Help("Emoji at least.", ge=1)] = 1
    max: Annotated[int, Help("Emoji at most.", ge=1)] = 5


@dataclass(frozen=True, kw_only=True)
class LengthParams:
    """Parameters of `length`."""

    min: Annotated[int, Help("Characters at least.", ge=0)] = 10
    max: Annotated[int, Help("Characters at most.", ge=1)] = 100


@dataclass(frozen=True, kw_only=True)
class MetaReplyParams:
    """Parameters of `meta-reply`."""

    patterns: Annotated[
        tuple[str, ...], Help("Regular expressions, matched at the start, case ignored.")
    ] = _REFUSALS + _PREFACES


@dataclass(frozen=True, kw_only=True)
class NsfwParams:
    """Parameters of `nsfw`."""

    terms: Annotated[tuple[str, ...], Help("Terms that drop a text.")] = _TERMS
    keep: Annotated[
        tuple[str, ...], Help("Longer words in which a term may stand: 風俗史 is no reason.")
    ] = _KEEP


@dataclass(frozen=True, kw_only=True)
class TopEmojiParams:
    """Parameters of `top-emoji`."""

    n: Annotated[int, Help("How many emoji to keep.", ge=1)] = 100
    mode: Annotated[
        Action,
        Help("Drop a text with any other emoji (`drop-sample`), or the emoji (`drop-label`)."),
    ] = "drop-sample"
