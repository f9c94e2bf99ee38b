"""The filter `complete-sentence`: drops headings, fragments and torn quotations."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Env, Item, Keep, NoParams, Verdict
from deshi_plugins.filters.columns import rows_ending_with, verdicts, verdicts_where

# In this order; the first match gives the reason.
_RULES = (
    ("meta-section", re.compile("^(?:関連項目|参考文献|外部リンク|脚注|出典|注釈)")),
    ("truncated", re.compile("[「『（(][^」』）)]{0,30}$")),
    ("orphan-close", re.compile("^[」』）)]")),
    ("no-ending", re.compile("[^。！？!?」』）)]$|^$")),
)

# For whole columns: what matches here is torn, or begins or ends with something that needs the rules
# themselves; `\s` is ASCII in RE2. A pattern that is tied to one end is several times as fast as both
# in one: RE2 reads from that end and stops where nothing can match any more.
_SPACE = "\\x00-\\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BEGINS_BADLY = f"^(?:関連項目|参考文献|外部リンク|脚注|出典|注釈|[」』）){_SPACE}])"
_ENDS_BADLY = f"(?:[「『（(][^」』）)]*|[{_SPACE}])$"
_ENDS = "。！？!?」』）)"


class CompleteSentence:
    """Drops what is not a whole sentence, by the four rules of the research in their order.

    `meta-section`: begins with the name of a section of notes or links. `truncated`: a bracket
    opens at most 30 characters before the end and does not close. `orphan-close`: begins with a
    closing bracket. `no-ending`: ends with neither 。！？!? nor a closing bracket.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the matched text."""
        return [_verdict(item.text.text.strip()) for item in items]

    def decide_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the verdicts of `decide`, in columns."""
        texts = batch["text"]
        doubtful = pc.or_(
            pc.match_substring_regex(texts, _BEGINS_BADLY),
            pc.match_substring_regex(texts, _ENDS_BADLY),
        )
        torn = verdicts_where(doubtful, texts, _verdict_with_spaces)
        ended = rows_ending_with(texts, _ENDS)
        unended = pc.invert(pc.or_(ended, doubtful))
        last = pc.utf8_slice_codeunits(texts.filter(unended), -1)
        return verdicts(
            reason=pc.if_else(unended, "no-ending", torn["reason"]),
            detail=pc.replace_with_mask(torn["detail"], unended, last),
        )


def _verdict_with_spaces(text: str) -> Verdict:
    return _verdict(text.strip())


def _verdict(text: str) -> Verdict:
    for reason, pattern in _RULES:
        if (match := pattern.search(text)) is not None:
            return Drop(reason, match[0])
    return Keep()
