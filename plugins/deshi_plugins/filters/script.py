"""The filter `script`: drops texts without a Japanese character."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Env, Item, Keep, NoParams, Verdict
from deshi_plugins.filters.columns import verdicts

# Hiragana, katakana in both widths, 々〆〇 and the Han blocks; ー ・ and 。 alone are no writing.
_JAPANESE = re.compile("[ぁ-ゖァ-ヺｦ-ｯｱ-ﾝ々〆〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Script:
    """Keeps texts with at least one kana or kanji."""

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def judge(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict an item."""
        return [Keep() if _JAPANESE.search(item.text.text) else _DROP for item in items]

    def judge_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return what `judge` says, in columns."""
        japanese = pc.match_substring_regex(batch["text"], _JAPANESE.pattern)
        none = pa.scalar(None, pa.string())
        return verdicts(
            reason=pc.if_else(japanese, none, _DROP.reason),
            detail=pc.if_else(japanese, none, _DROP.detail),
        )


_DROP = Drop("no-japanese")
