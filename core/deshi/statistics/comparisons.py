"""Every pair of rows of a comparison group, for two questions, with Holm's correction.

* Fixed models: do these very models differ on other texts? Approximate randomisation over documents,
  where these are enough for one pair of so many to pass.
* Retrained models: would newly trained models differ, on other texts? The two-level t.

The family of Holm's correction is all pairs of a group, for one question and one metric. Tie groups
are made for retrained models, the question that a table of students is read for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from deshi.results import Comparison
from deshi.statistics.holm import ALPHA, holm
from deshi.statistics.intervals import Bounds, fixed_models_difference
from deshi.statistics.power import detectable_fixed_models, detectable_retrained
from deshi.statistics.randomisation import randomise, swaps_for, too_few_documents
from deshi.statistics.replicates import Replicates, RowScores, replicate
from deshi.statistics.retrained_models import relabelling, two_level_t
from deshi.statistics.tie_letters import tie_letters

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.statistics.resampling import Resamples
    from deshi.statistics.test_outcome import PairedResult


@dataclass(frozen=True)
class GroupComparisons:
    """All comparisons of a group, and the letters of each row that could be tested at all.

    A row without a test is tied with nobody: that it differs from none is not known.
    """

    comparisons: tuple[Comparison, ...]
    letters: Mapping[str, str]


def compare_rows(
    metric: Metric,
    rows: Mapping[str, RowScores],
    resamples: Resamples,
    *,
    name: str,
    higher_is_better: bool,
    bounds: Bounds = (None, None),
    permutations: int | None = None,
    replicates: Mapping[str, Replicates] | None = None,
) -> GroupComparisons:
    """Compare all pairs of rows on the metric `name`; `rows` are by id, all on the same texts.

    `bounds` are the metric's. `permutations` is the number of swaps drawn, by default enough for as
    many pairs.
    `replicates` are the rows' where they are known already.
    """
    names = list(rows)
    found = replicates or dict(
        zip(names, replicate(metric, list(rows.values()), resamples), strict=True)
    )
    pairs = list(combinations(names, 2))
    retrained = _retrained(pairs, found, name, bounds)
    outcomes = randomise(
        metric,
        [(rows[a], rows[b]) for a, b in pairs],
        resamples.documents,
        resamples=permutations or swaps_for(len(pairs)),
        seed=resamples.seed,
    )
    family = _family([outcome.p for outcome in outcomes])
    if reason := too_few_documents(len(resamples.documents), family):
        outcomes = [
            replace(outcome, p=None, method="none", reason=outcome.reason or reason)
            for outcome in outcomes
        ]
    fixed = _fixed_models(pairs, found, name, bounds, outcomes)
    letters = _letters(found, retrained, higher_is_better=higher_is_better)
    return GroupComparisons((*fixed, *retrained), letters)


def _family(ps: Sequence[float | None]) -> int:
    """Return how many comparisons Holm's correction counts, at least one."""
    return max(1, sum(p is not None for p in ps))


def _letters(
    found: Mapping[str, Replicates], retrained: Sequence[Comparison], *, higher_is_better: bool
) -> Mapping[str, str]:
    names = list(found)
    apart = [
        (names.index(c.a), names.index(c.b))
        for c in retrained
        if c.p_holm is not None and c.p_holm <= ALPHA
    ]
    tested = {row for c in retrained if c.p is not None for row in (c.a, c.b)}
    letters = tie_letters(
        [found[row].value if row in tested else None for row in names],
        apart,
        higher_is_better=higher_is_better,
    )
    pairs_of = zip(names, letters, strict=True)
    return {row: "".join(own) for row, own in pairs_of if own is not None}


def _retrained(
    pairs: Sequence[tuple[str, str]], found: Mapping[str, Replicates], metric: str, bounds: Bounds
) -> list[Comparison]:
    """Test retrained models by the two-level t, and by relabelling runs where that can reach alpha."""
    outcomes = [two_level_t(found[a], found[b], bounds) for a, b in pairs]
    adjusted = holm([outcome.p for outcome in outcomes])
    family = _family(adjusted)
    relabelled = [relabelling(found[a], found[b], family=family).p for a, b in pairs]
    return [
        Comparison(
            a=a,
            b=b,
            metric=metric,
            question="retrained-models",
            p_holm=p,
            smallest_detectable=detectable_retrained(found[a], found[b], family=family),
            p_relabelling=again,
            p_relabelling_holm=p_again,
            **asdict(outcome),
        )
        for (a, b), outcome, p, again, p_again in zip(
            pairs, outcomes, adjusted, relabelled, holm(relabelled), strict=True
        )
    ]


def _fixed_models(
    pairs: Sequence[tuple[str, str]],
    found: Mapping[str, Replicates],
    metric: str,
    bounds: Bounds,
    outcomes: Sequence[PairedResult],
) -> Iterator[Comparison]:
    """Yield the tests of fixed models, each with the interval that documents bear out."""
    ps = [outcome.p for outcome in outcomes]
    family = _family(ps)
    for (a, b), outcome, p in zip(pairs, outcomes, holm(ps), strict=True):
        around = fixed_models_difference(found[a], found[b], bounds)
        least = None if p is None else detectable_fixed_models(found[a], found[b], family=family)
        yield Comparison(
            a=a,
            b=b,
            metric=metric,
            question="fixed-models",
            p_holm=p,
            smallest_detectable=least,
            **asdict(replace(outcome, low=around.low, high=around.high)),
        )
