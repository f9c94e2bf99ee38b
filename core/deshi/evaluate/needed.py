"""How many texts or seeds would show a difference of the size that was seen.

With V_documents and V_runs the two parts of SE², a difference d is found in four of five cases when

    V_documents × texts / texts' + V_runs × seeds / seeds'  ≤  (d / shift)²

where shift is what a test at alpha / family asks for, in standard errors. Solved for more texts with
the seeds at hand, and for more seeds with the texts at hand. It takes the difference that was seen
for the true one, which is the best guess there is and a poor one: read it as an order of magnitude.
"""

from __future__ import annotations

from math import ceil, inf, sqrt
from typing import TYPE_CHECKING, Literal, NamedTuple

from deshi.evaluate.intervals import documents_variance
from deshi.evaluate.power import smallest_detectable, texts_needed
from deshi.evaluate.recipe import MIN_RUNS
from deshi.evaluate.variance import Variance, over_runs

if TYPE_CHECKING:
    from deshi.evaluate.replicates import Replicates


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
    documents = documents_variance(a, b).value
    runs = 0.0
    if question == "recipe":
        runs = over_runs(a).value + over_runs(b).value
    shift = smallest_detectable(Variance(1.0, inf), family=family)
    if not (difference and documents > 0 and runs >= 0 and shift):
        return Needed()
    enough = (difference / shift) ** 2
    more_texts = None
    if enough > runs:
        beyond_runs = shift * sqrt(enough - runs)
        more_texts = texts_needed(beyond_runs, sqrt(documents * texts), family=family)
    more_seeds = None
    if runs and enough > documents:
        most = max(len(row.points) for row in (a, b) if not row.deterministic)
        more_seeds = max(MIN_RUNS, ceil(most * runs / (enough - documents)))
    return Needed(more_texts, more_seeds)
