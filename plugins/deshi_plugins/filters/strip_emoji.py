"""The filter `strip-emoji`: removes the emoji from texts, so that none gives its label away."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Edit, Env, Item, Keep, NoParams, Verdict
from deshi.emoji import inventory, strip
from deshi_plugins.filters.columns import judged_where, rows_with

# An emoji between two spaces leaves both.
_SPACES = re.compile("([ \u3000])[ \u3000]+")

# With these, the UTF-8 of every character begins that an emoji needs: five times as fast to look
# for, and in one Japanese sentence of seventy.
_FIRST_BYTES = (b"\xe2", b"\xf0", b"\xef\xb8")


class StripEmoji:
    """Removes emoji from the text, and the space that one leaves at an end or beside another.

    A character that may be text or emoji, such as ©, ™, ㊗ or 〰, stays unless it asks for emoji
    presentation.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def judge(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict an item; the note names what was removed."""
        return [_judged(item.text.text) for item in items]

    def judge_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return what `judge` says, in columns."""
        texts = batch["text"]
        rare = rows_with(texts, _FIRST_BYTES)
        few = pc.match_substring_regex(texts.filter(rare), _any_emoji())
        suspect = pc.replace_with_mask(rare, rare, few)
        return judged_where(suspect, texts, _judged)


@functools.cache
def _any_emoji() -> str:
    """Return a pattern that finds a character of every emoji that `strip` can remove.

    Such an emoji is a single character with emoji presentation, or it holds a joiner, FE0F, a
    keycap, or a character of the pictographic blocks.
    """
    presented = sorted(emoji for emoji in inventory() if len(emoji) == 1 and emoji <= "\uffff")
    return f"[\u200d\ufe0f\u20e3\U0001f000-\U0001faff{''.join(presented)}]"


def _judged(text: str) -> Verdict:
    rest, removed = strip(text)
    if not removed:
        return Keep()
    names = " ".join(removed)
    left = _SPACES.sub(r"\1", rest).strip()
    return Edit(f"removed {names}", text=left) if left else Drop("only-emoji", names)
