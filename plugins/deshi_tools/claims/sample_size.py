"""How many texts or seeds would show a difference of the size that was seen.

Of the variance of a difference one part belongs to documents, one to runs, and one to each run's own
luck with documents:

    SE² = V_documents / texts' + V_runs / seeds' + V_both / (texts' seeds')

with texts' and seeds' in multiples of those at hand; more texts come in more documents of the same
size, and either brings degrees of freedom too. For fixed models there is V_documents alone. Asked is the
least number of one, from what is at hand on and the other as it is, whose smallest detectable
difference is the difference that was seen. That is taken for the true one, which is the best guess
there is and a poor one: read the numbers as orders of magnitude.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from deshi.statistics.intervals import documents_variance
from deshi.statistics.power import smallest_detectable
from deshi.statistics.retrained_models import MIN_RUNS
from deshi.statistics.variance import Variance, over_runs, total

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from deshi.results import Question
    from deshi.statistics.replicates import Replicates

_MOST_TEXTS = 10_000_000
_MOST_SEEDS = 1_000


class SampleSize(NamedTuple):
    """Numbers that would do, each alone and the other as it is; None where no number does."""

    texts: int | None = None
    seeds: int | None = None


def sample_size(
    a: Replicates,
    b: Replicates,
    difference: float,
    texts: int,
    *,
    question: Question,
    family: int = 1,
) -> SampleSize:
    """Return how many texts or seeds would show `difference` with 80 % power.

    `texts` is the number that both rows were evaluated on. Seeds help only with retrained models.
    """
    documents = documents_variance(a, b)
    if not (difference and documents.value > 0):
        return SampleSize()
    vary = [row for row in (a, b) if not row.deterministic]
    alone = question == "fixed-models" or not vary
    seeds = max((len(row.points) for row in vary), default=1)

    def shows(more_texts: float, more_seeds: float) -> bool:
        spread = (
            _scaled(documents, 0.0, more_texts, 0.0)
            if alone
            else _spread(documents, vary, more_texts, more_seeds)
        )
        least = smallest_detectable(spread, family=family)
        return least is not None and least <= abs(difference)

    enough = _least(lambda number: shows(number / texts, 1), texts, _MOST_TEXTS)
    if alone:
        return SampleSize(enough)
    return SampleSize(
        enough,
        _least(lambda number: shows(1, number / seeds), max(seeds, MIN_RUNS), _MOST_SEEDS),
    )


def _spread(
    documents: Variance, vary: Sequence[Replicates], texts: float, seeds: float
) -> Variance:
    """Return the variance of a difference of retrained models, with multiples of texts and seeds."""
    both = sum(row.noise for row in vary)
    parts = [_scaled(documents, both, texts, both / seeds)]
    parts += [_scaled(over_runs(row), row.noise, seeds, row.noise / texts) for row in vary]
    return total(parts, twice=both / texts / seeds)


def _scaled(part: Variance, both: float, times: float, left: float) -> Variance:
    """Return what is left of a part with so many times its units; `left` replaces `both` in it."""
    value = (max(0.0, part.value - both) + left) / times
    return Variance(value, (part.df + 1) * times - 1)


def _least(enough: Callable[[int], bool], start: int, most: int) -> int | None:
    if not enough(most):
        return None
    return start + bisect_left(range(start, most), True, key=enough)  # noqa: FBT003
