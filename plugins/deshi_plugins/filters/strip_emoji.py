"""The filter `strip-emoji`: removes the emoji from texts, so that none gives its label away."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Edit, Env, Item, Keep, NoParams, Verdict
from deshi.emoji import strip
from deshi_plugins.filters.columns import rows_with, verdicts_where

# An emoji between two spaces leaves both.
_SPACES = re.compile("([ \u3000])[ \u3000]+")

# An emoji that `strip` can remove is a single character with emoji presentation, or it holds a joiner,
# FE0F, a keycap or a character of the pictographic blocks. In UTF-8 one of them begins with these
# bytes, which one Japanese sentence in seventy has; to look for them is five times as fast as a regex,
# which then excludes the quotation marks, dashes and arrows from the matches.
_FIRST_BYTES = (b"\xe2", b"\xf0", b"\xef\xb8")
_SUSPECT = "[\u200d\u20e3\ufe0f\u231a-\u23ff\u25fb-\u27bf\u2b1b-\u2b55\U0001f000-\U0001ffff]"


class StripEmoji:
    """Removes emoji from the text, and the space that one leaves at an end or beside another.

    A character that may be text or emoji, such as ©, ™, ㊗ or 〰, stays unless it requests emoji
    presentation.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the note names what was removed."""
        return [_verdict(item.text.text) for item in items]

    def decide_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the verdicts of `decide`, in columns."""
        texts = batch["text"]
        suspect = rows_with(texts, _FIRST_BYTES)
        matches = pc.match_substring_regex(texts.filter(suspect), _SUSPECT)
        return verdicts_where(pc.replace_with_mask(suspect, suspect, matches), texts, _verdict)


def _verdict(text: str) -> Verdict:
    rest, removed = strip(text)
    if not removed:
        return Keep()
    names = " ".join(removed)
    left = _SPACES.sub(r"\1", rest).strip()
    return Edit(f"removed {names}", text=left) if left else Drop("only-emoji", names)
