"""How casually a Japanese text is written, by rules that anyone can check.

A text is casual if it has a sentence that ends as speech among friends does, and none that ends
politely. It is a detector and no judge: what it calls casual is listed below, and quotation marks,
brackets and signs at the end of a sentence are looked through. Endings that plain written prose has as
well, such as ない, らしい or a noun that ends in ー, count for nothing.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^。.．!！?？…\n]+")
_TRAILING = re.compile(r"(?<![\s」』）)\]〜~ー♪☆★w笑W])[\s」』）)\]〜~ー♪☆★w笑W]+$")
_POLITE = re.compile(
    r"(です|ます|ました|ません|ましょう|でした|でしょう|ください|ございます|である|であった|のだ)"
    r"(か|ね|よ|な|が|けど|けれど|し|から|もの|もん)*$"
)
_CASUAL = re.compile(
    r"(よ|ね|な|わ|ぞ|ぜ|さ|の|じゃん|って|だって|っけ|かな|かも|もん|とか|けど|だし|てる|てた|ちゃう|ちゃった"
    r"|じゃう|じゃった|なきゃ|だろ|だよ|だね|よね|んだ|みたい|すぎ|たい|だわ|っす)$"
)
# Not the end of a Latin word, nor grass.
_LAUGHTER = re.compile(
    r"((?<![A-Za-z])w+|[（(]笑[）)]|(?<![\u4e00-\u9fff])笑|(?<![\u4e00-\u9fffの])草)\s*$"
)
_DRAWN = re.compile(r"([〜~]|(?<=[ぁ-ん])ー+)$")


def is_casual(text: str) -> bool:
    """Say whether a text is written casually."""
    sentences = [found for part in _SENTENCE.findall(text) if (found := part.strip())]
    ends = [_TRAILING.sub("", one) for one in sentences]
    if any(_POLITE.search(end) for end in ends):
        return False
    laughs = any(_LAUGHTER.search(one) for one in sentences)
    drawn = any(_DRAWN.search(one) for one in sentences)
    return laughs or drawn or any(_CASUAL.search(end) for end in ends)
