"""The filter `meta-reply`: drops replies in which a teacher comments on its task."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deshi.api import Drop, Env, Item, Keep, UsageError, Verdict
from deshi_plugins.filters.params import MetaReplyParams


class MetaReply:
    """Drops rewritten texts that begin with a refusal or a preface, or hold an assistant's remark.

    A text whose source has the like is kept: there the words were the writer's own.
    """

    def __init__(self, params: MetaReplyParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._starts = tuple(map(_compiled, params.patterns))
        self._anywhere = tuple(map(_compiled, params.anywhere))

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the matched text."""
        return [self._verdict(item) for item in items]

    def _verdict(self, item: Item) -> Verdict:
        text = item.text.text.lstrip(' \u3000\n「『*"')
        for pattern in self._starts:
            match = pattern.match(text)
            if match is not None and pattern.match(item.source.lstrip()) is None:
                return Drop("meta-reply", match[0])
        for pattern in self._anywhere:
            match = pattern.search(text)
            if match is not None and pattern.search(item.source) is None:
                return Drop("meta-reply", match[0])
        return Keep()


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UsageError(
            f"{pattern!r} is not a regular expression: {error}", where="filter meta-reply"
        ) from error
