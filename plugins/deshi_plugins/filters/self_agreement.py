"""The filter `self-agreement`: drops texts on which the teacher's own samples disagree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from deshi.api import Drop, Emojis, Env, Item, Keep, UsageError, Verdict
from deshi_plugins.filters.params import SelfAgreementParams


class SelfAgreement:
    """Keeps training texts on which the samples agree: the mean Jaccard of each two of them.

    It acts on training texts alone: what a teacher is unsure of is part of the test.
    """

    def __init__(self, params: SelfAgreementParams, env: Env) -> None:
        self.params = params
        self.env = env

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the mean Jaccard and the samples.

        Raises:
            UsageError: an item has fewer than two samples.
        """
        return [self._verdict(item.samples) for item in items]

    def _verdict(self, samples: Sequence[Emojis]) -> Verdict:
        if len(samples) < 2:
            raise UsageError(
                f"compares a teacher's samples, and there is {len(samples)} per text",
                where="filter self-agreement",
                fix="set samples = 2 or more in [benchmark], or remove the filter from the chain",
            )
        pairs = [_jaccard(set(one), set(other)) for one, other in combinations(samples, 2)]
        mean = sum(pairs) / len(pairs)
        if mean >= self.params.at_least:
            return Keep()
        return Drop("disagreement", f"{mean:.2f}: {' | '.join(map(' '.join, samples))}")


def _jaccard(one: set[str], other: set[str]) -> float:
    """Return the Jaccard of two label sets; two empty ones agree."""
    union = one | other
    return len(one & other) / len(union) if union else 1.0
