"""The filter `meta-reply`: drops answers in which a teacher talks about its task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from deshi.api import Drop, Env, Help, Item, Keep, UsageError, Verdict

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


@dataclass(frozen=True, kw_only=True)
class MetaReplyParams:
    """Parameters of `meta-reply`."""

    patterns: Annotated[
        tuple[str, ...], Help("Regular expressions, matched at the start, case ignored.")
    ] = _REFUSALS + _PREFACES


class MetaReply:
    """Drops rewritten texts that begin with a refusal or a preface.

    A text whose source begins alike is kept: there the words were the writer's own.
    """

    def __init__(self, params: MetaReplyParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._patterns = tuple(map(_compiled, params.patterns))

    def judge(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict an item; the detail is the beginning that matched."""
        return [self._judged(item) for item in items]

    def _judged(self, item: Item) -> Verdict:
        text = item.text.text.lstrip(' \u3000\n「『*"')
        for pattern in self._patterns:
            found = pattern.match(text)
            if found is not None and pattern.match(item.source.lstrip()) is None:
                return Drop("meta-reply", found[0])
        return Keep()


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UsageError(
            f"{pattern!r} is no regular expression: {error}", where="filter meta-reply"
        ) from error
