"""How many texts or seeds would show a difference of the size that was seen.

With more texts the variance over documents shrinks, with more seeds that over runs, and either brings
degrees of freedom. Asked is the least number of one, the other as it is, whose smallest detectable
difference is the difference that was seen. The runs' noise on texts, which is in both parts, is taken
to stay in the second however many texts there are, so numbers of texts are on the high side. And all
takes the difference that was seen for the true one, which is the best guess there is and a poor one:
read the numbers as orders of magnitude.
"""

from __future__ import annotations

from bisect import bisect_left
from math import sqrt
from typing import TYPE_CHECKING, Literal, NamedTuple

from deshi.evaluate.intervals import documents_variance
from deshi.evaluate.power import smallest_detectable, texts_needed
from deshi.evaluate.recipe import MIN_RUNS
from deshi.evaluate.variance import Variance, over_runs, total

if TYPE_CHECKING:
    from collections.abc import Callable

    from deshi.evaluate.replicates import Replicates

_MOST_TEXTS = 10_000_000
_MOST_SEEDS = 1_000


class Needed(NamedTuple):
    """Numbers that would do, each alone and the other as it is; None where no number does."""

    texts: int | None = None
    seeds: int | None = None


def needed(
    a: Replicates,
    b: Replicates,
    difference: float,
    texts: int,
    *,
    question: Literal["artefact", "recipe"],
    family: int = 1,
) -> Needed:
    """Return how many texts or seeds would show `difference` with 80 % power.

    `texts` is the number that both rows were judged on. Seeds help only with the recipe question.
    """
    documents = documents_variance(a, b)
    if not (difference and documents.value > 0):
        return Needed()
    runs = [over_runs(row) for row in (a, b) if not row.deterministic]
    if question == "artefact" or not runs:
        spread = sqrt(documents.value * texts)
        return Needed(texts_needed(abs(difference), spread, family=family))
    seeds = max(len(row.points) for row in (a, b))

    def shows(more_texts: float, more_seeds: float) -> bool:
        parts = [_scaled(documents, more_texts), *(_scaled(part, more_seeds) for part in runs)]
        least = smallest_detectable(total(parts), family=family)
        return least is not None and least <= abs(difference)

    return Needed(
        _least(lambda number: shows(number / texts, 1), texts, _MOST_TEXTS),
        _least(lambda number: shows(1, number / seeds), max(seeds, MIN_RUNS), _MOST_SEEDS),
    )


def _scaled(part: Variance, times: float) -> Variance:
    """Return the variance of a mean over so many times as many documents or runs."""
    return Variance(part.value / times, (part.df + 1) * times - 1)


def _least(enough: Callable[[int], bool], start: int, most: int) -> int | None:
    if not enough(most):
        return None
    return start + bisect_left(range(start, most), True, key=enough)  # noqa: FBT003
