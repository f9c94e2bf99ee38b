"""The filter `script`: drops texts without a Japanese character, and garbled ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Env, Item, Keep, NoParams, Verdict
from deshi_plugins.filters.columns import rows_with, verdicts_where

# Hiragana, katakana in both widths, 々〆〇 and the Han blocks; ー ・ and 。 alone are no writing.
_JAPANESE = re.compile("[ぁ-ゖァ-ヺｦ-ｯｱ-ﾝ々〆〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

# The replacement character and C1 controls stand for bytes that were no text. Kana in UTF-8 begin
# with E3 81, 82 or 83, which read as Shift_JIS are 縺, 繧 and 繝: characters that nobody writes.
_GARBLED = re.compile("\ufffd|[\x80-\x84\x86-\x9f]|[縺繧繝][^\n]*[縺繧繝]")
_GARBLED_BYTES = (b"\xc2", *(character.encode() for character in "\ufffd縺繧繝"))


class Script:
    """Keeps texts with at least one kana or kanji that were read in the right encoding.

    `garbled`: holds U+FFFD, a C1 control, or two of the characters that kana become where UTF-8 is
    read as Shift_JIS. `no-japanese`: holds neither kana nor kanji.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is what is garbled."""
        return [_verdict(item.text.text) for item in items]

    def decide_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the verdicts of `decide`, in columns."""
        texts = batch["text"]
        japanese = pc.match_substring_regex(texts, _JAPANESE.pattern)
        doubtful = pc.or_(pc.invert(japanese), rows_with(texts, _GARBLED_BYTES))
        return verdicts_where(doubtful, texts, _verdict)


def _verdict(text: str) -> Verdict:
    garbled = _GARBLED.search(text)
    if garbled is not None:
        return Drop("garbled", garbled[0])
    return Keep() if _JAPANESE.search(text) else Drop("no-japanese")
