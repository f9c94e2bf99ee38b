"""The filter `top-emoji`: trains on the most frequent emoji alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from deshi.api import ComponentError, Env, Item, Json, Verdict
from deshi_plugins.filters.label_restriction import restrict_labels
from deshi_plugins.filters.params import TopEmojiParams


class TopEmoji:
    """Keeps the `n` emoji that most training texts carry.

    They are counted on training items alone, once a text; equal counts stand in the order of
    their code points. It acts on training items alone too: the test set stays the same for all,
    which makes the scores of different `n` comparable.
    """

    def __init__(self, params: TopEmojiParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._top: frozenset[str] | None = None

    def learn(self, train: Iterable[Item]) -> Json:
        """Return `{"top": [[emoji, texts], …]}`, the most frequent first."""
        counts = Counter(emoji for item in train for emoji in set(_gold(item)))
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        state = {"top": [[emoji, texts] for emoji, texts in ranked[: self.params.n]]}
        self.restore(state)
        return state

    def restore(self, state: Json) -> None:
        """Take up what `learn` returned."""
        self._top = frozenset(emoji for emoji, _ in state["top"])

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail names the gold's emoji outside the top."""
        if self._top is None:
            raise ComponentError(
                "it is not fitted", where="filter top-emoji", fix="call learn or restore"
            )
        allowed = self._top.__contains__
        mode = self.params.mode
        return [
            restrict_labels(item, allowed=allowed, action=mode, reason="outside-top")
            for item in items
        ]


def _gold(item: Item) -> tuple[str, ...]:
    return item.samples[0] if item.samples else ()
