"""How casually a Japanese text is written, by rules that anyone can check.

A text is casual if it has a sentence that ends as speech among friends does, and none that ends
politely. It is a detector and no judge: what it calls casual is listed below, and quotation marks,
brackets and signs at the end of a sentence are looked through.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^。.．!！?？…\n]+")
_TRAILING = re.compile(r"[\s」』）)\]〜~ー♪☆★w笑W]+$")
_POLITE = re.compile(
    r"(です|ます|ました|ません|ましょう|でした|でしょう|ください|ございます|である|であった|のだ)"
    r"(か|ね|よ|よね|が|けど|し|から)?$"
)
_CASUAL = re.compile(
    r"(よ|ね|な|わ|ぞ|ぜ|さ|の|じゃん|って|だって|っけ|かな|かも|もん|とか|けど|だし|てる|てた|ちゃう|ちゃった"
    r"|じゃう|じゃった|なきゃ|だろ|だよ|だね|よね|んだ|みたい|らしい|すぎ|たい|ない|だわ|っす)$"
)
_LAUGHTER = re.compile(r"(w{1,}|笑|草)\s*$")


def is_casual(text: str) -> bool:
    """Say whether a text is written casually."""
    sentences = [found for part in _SENTENCE.findall(text) if (found := part.strip())]
    ends = [_TRAILING.sub("", one) for one in sentences]
    if any(_POLITE.search(end) for end in ends):
        return False
    laughs = any(_LAUGHTER.search(one) for one in sentences)
    drawn = any(one.endswith(("〜", "~", "ー")) for one in sentences)
    return laughs or drawn or any(_CASUAL.search(end) for end in ends)
