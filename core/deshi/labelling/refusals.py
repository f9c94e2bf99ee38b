"""Finds refusals that a model writes as if they were answers: no server marks them."""

from __future__ import annotations

import re
from typing import Final

from deshi.emoji import Mode, parse

_WAYS: Final = (
    r"(?:大変|誠に)?申し訳(?:あり|ござい|な)|恐れ入りますが|(?:すみません|ごめんなさい)が",
    (
        r"(?:この|その|ご提示の|ご依頼の)(?:文|文章|テキスト|内容|リクエスト|ご?依頼)"
        r".{0,24}(?:できません|できかね|いたしかね)"
    ),
    r"(?:私は)?(?:AI|人工知能|言語モデル)(?:アシスタント)?(?:なので|ですので|として|のため)",
    r"I(?:['’]m| am) (?:sorry|unable|not able)|(?:I['’]m )?sorry,? (?:but )?I\b|As an AI\b",
    r"I (?:can(?:['’]t|not| not)|won['’]t|must decline)",
    r"很?抱歉|对不起|不好意思|作为(?:一个)?(?:AI|人工智能|语言模型)",
    r"我?(?:无法|不能|没办法)(?:帮|提供|完成|协助|满足|处理|回答)",
)
_STARTS: Final = re.compile(rf"""[\s「『"'*]*(?:{"|".join(_WAYS)})""", re.IGNORECASE)
_DECLINES: Final = re.compile(
    r"できません|できかね|いたしかね|お(?:手伝い|応え|答え)|控え(?:させて|ます)"
    r"|can(?:['’]t|not)|unable|won['’]t|decline|无法|不能|抱歉",
    re.IGNORECASE,
)
_SHORTEST = 8
"""Characters below which nobody refuses: people too write ごめんなさいが, and less."""


def is_refusal(content: str, asked: str = "") -> bool:
    """Say whether an answer is a refusal in words, in Japanese, English or Chinese.

    It begins as an assistant's refusal does, declines something, and is no answer that goes with an
    emoji. A text that begins so itself (`asked`) may be rewritten to one that does.
    """
    if len(content.strip()) < _SHORTEST or not _STARTS.match(content):
        return False
    if asked and _STARTS.match(asked):
        return False
    return bool(_DECLINES.search(content)) and not parse(content, mode=Mode.TEXT).emojis
