"""The filter `complete-sentence`: drops headings, fragments and torn quotations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deshi.api import Drop, Env, Item, Keep, NoParams, Verdict

# In this order; the first that is found gives the reason.
_RULES = (
    ("meta-section", re.compile("^(?:関連項目|参考文献|外部リンク|脚注|出典|注釈)")),
    ("truncated", re.compile("[「『（(][^」』）)]{0,30}$")),
    ("orphan-close", re.compile("^[」』）)]")),
    ("no-ending", re.compile("[^。！？!?」』）)]$|^$")),
)


class CompleteSentence:
    """Drops what is not a whole sentence, by the four rules of the research in their order.

    `meta-section`: begins with the name of a section of notes or links. `truncated`: a bracket
    opens at most 30 characters before the end and does not close. `orphan-close`: begins with a
    closing bracket. `no-ending`: ends with neither 。！？!? nor a closing bracket.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def judge(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict an item; the detail is the piece of text that gave the reason."""
        return [_judged(item.text.text.strip()) for item in items]


def _judged(text: str) -> Verdict:
    for reason, pattern in _RULES:
        if (found := pattern.search(text)) is not None:
            return Drop(reason, found[0])
    return Keep()
