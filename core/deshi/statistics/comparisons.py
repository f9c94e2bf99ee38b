"""Every pair of rows of a comparison group, for two questions, with Holm's correction.

* Fixed models: do these very models differ on other texts? Approximate randomisation over documents,
  where these are enough for one pair of so many to pass.
* Retrained models: would newly trained models differ, on other texts? The two-level t.

The family of Holm's correction is all pairs of a group, for one question and one metric. Tie groups
are made for retrained models, the question that a table of students is read for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from deshi.results import Comparison, Question
from deshi.statistics.holm import ALPHA, all_pairs, holm
from deshi.statistics.intervals import Bounds, fixed_models_difference
from deshi.statistics.power import detectable_fixed_models, detectable_retrained
from deshi.statistics.randomisation import randomise, swaps_for, too_few_documents
from deshi.statistics.replicates import Replicates, RowScores, replicate
from deshi.statistics.retrained_models import relabelling, two_level_t
from deshi.statistics.tie_letters import join_letters, tie_letters

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
    pairs = all_pairs(names)
    retrained = _retrained(pairs, found, bounds)
    outcomes = randomise(
        metric,
        [(rows[a], rows[b]) for a, b in pairs],
        resamples.documents,
        resamples=permutations or swaps_for(len(pairs)),
        seed=resamples.seed,
    )
    fixed = _fixed_models(pairs, found, outcomes, len(resamples.documents), bounds)
    named = (msgspec.structs.replace(one, metric=name) for one in (*fixed, *retrained))
    return GroupComparisons(
        tuple(named), _letters(found, retrained, higher_is_better=higher_is_better)
    )


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
    return {row: join_letters(own) for row, own in pairs_of if own is not None}


def _retrained(
    pairs: Sequence[tuple[str, str]], found: Mapping[str, Replicates], bounds: Bounds
) -> list[Comparison]:
    """Test retrained models by the two-level t, and by relabelling runs where that can reach alpha."""
    outcomes = [two_level_t(found[a], found[b], bounds) for a, b in pairs]
    adjusted = holm([outcome.p for outcome in outcomes])
    family = max(1, sum(p is not None for p in adjusted))
    relabelled = [relabelling(found[a], found[b], family=family).p for a, b in pairs]
    return [
        msgspec.structs.replace(
            _comparison(pair, "retrained-models", outcome, p, least),
            p_relabelling=again,
            p_relabelling_holm=again_adjusted,
        )
        for pair, outcome, p, least, again, again_adjusted in zip(
            pairs,
            outcomes,
            adjusted,
            [detectable_retrained(found[a], found[b], family=family) for a, b in pairs],
            relabelled,
            holm(relabelled),
            strict=True,
        )
    ]


def _fixed_models(
    pairs: Sequence[tuple[str, str]],
    found: Mapping[str, Replicates],
    outcomes: Sequence[PairedResult],
    documents: int,
    bounds: Bounds,
) -> list[Comparison]:
    """Read the tests of fixed models, or say of all pairs that the documents are too few for so many."""
    family = max(1, sum(outcome.p is not None for outcome in outcomes))
    if reason := too_few_documents(documents, family):
        outcomes = [
            replace(outcome, p=None, method="none", reason=outcome.reason or reason)
            for outcome in outcomes
        ]
    adjusted = holm([outcome.p for outcome in outcomes])
    comparisons = []
    for (a, b), outcome, p in zip(pairs, outcomes, adjusted, strict=True):
        least = None if p is None else detectable_fixed_models(found[a], found[b], family=family)
        around = fixed_models_difference(found[a], found[b], bounds)
        comparisons.append(
            _comparison((a, b), "fixed-models", outcome, p, least, (around.low, around.high))
        )
    return comparisons


def _comparison(
    pair: tuple[str, str],
    question: Question,
    outcome: PairedResult,
    p_holm: float | None,
    least: float | None,
    around: tuple[float | None, float | None] | None = None,
) -> Comparison:
    low, high = around if around is not None else (outcome.low, outcome.high)
    return Comparison(
        a=pair[0],
        b=pair[1],
        metric="",
        question=question,
        difference=outcome.difference,
        low=low,
        high=high,
        p=outcome.p,
        p_holm=p_holm,
        smallest_detectable=least,
        method=outcome.method,
        reason=outcome.reason,
    )
