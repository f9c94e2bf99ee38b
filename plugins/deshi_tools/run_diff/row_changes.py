"""Which rows moved from one run to another, beyond chance, on the texts that both runs judged.

A row and its old self are compared as any two rows are: the recipe question by the two-level t, the
artefact question by approximate randomisation over documents. The family of Holm's correction is all
matched rows that have a test, for each question. Rows whose documents are too few for so many get none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
import numpy as np

from deshi.api import Direction
from deshi.results import QUESTIONS, Comparison, Question
from deshi.statistics.comparisons import GroupComparisons, compare_rows
from deshi.statistics.holm import ALPHA, holm
from deshi.statistics.power import detectable_fixed_models, detectable_retrained
from deshi.statistics.randomisation import swaps_for, too_few_documents
from deshi.statistics.replicates import Replicates, RowScores, dense, replicate, values_of
from deshi.statistics.resampling import CELLS, Resamples

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.api.records import Array
    from deshi.statistics.intervals import Bounds

Moved: TypeAlias = Literal["improved", "worse", "changed", "cannot tell", "no verdict"]


class ChangeTest(msgspec.Struct, frozen=True, kw_only=True):
    """What one question found of new minus old; `changed` is for metrics with no better side."""

    verdict: Moved
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    smallest_detectable: float | None = None
    method: str = "none"
    reason: str = ""


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row of both runs. `old` and `new` are its values on the `texts` that both judged.

    `gold_changed` and `text_changed` count the shared texts that have other gold, or that another
    rewriter worded otherwise: a difference then mixes that with what the row learned.
    """

    row: str
    old_row: str
    baseline: bool
    old: float | None
    new: float | None
    texts: int
    documents: int
    gold_changed: int
    text_changed: int
    retrained_models: ChangeTest
    fixed_models: ChangeTest

    @property
    def moved(self) -> bool:
        """Whether either question found a difference beyond chance."""
        return any(
            a.verdict in ("improved", "worse", "changed")
            for a in (self.retrained_models, self.fixed_models)
        )


@dataclass(frozen=True)
class SharedRow:
    """A row of both runs: the counts on the shared texts, in one order, and the texts' documents.

    `reason` says why there can be no test; without documents there are no counts.
    """

    row: str
    old_row: str
    baseline: bool
    old: RowScores | None = None
    new: RowScores | None = None
    documents: Sequence[str] = field(default=(), repr=False)
    gold_changed: int = 0
    text_changed: int = 0
    reason: str = ""


@dataclass(frozen=True)
class _TestedRow:
    row: SharedRow
    found: Sequence[Comparison] = ()
    new: Replicates | None = None
    old: Replicates | None = None

    def answer(self, question: Question) -> Comparison | None:
        return next((c for c in self.found if c.question == question), None)


def moves(
    metric: Metric,
    matched: Sequence[SharedRow],
    *,
    name: str,
    direction: Direction,
    resamples: int,
    bounds: Bounds = (None, None),
    seed: int = 0,
) -> tuple[RowChange, ...]:
    """Compare every matched row with its old self on the metric `name`."""
    compare = partial(
        compare_rows,
        metric,
        name=name,
        higher_is_better=direction != "lower",
        bounds=bounds,
        permutations=swaps_for(len(matched)),
    )
    tried = [_test_row(metric, row, resamples, seed, compare) for row in matched]
    answers = {question: _answers(tried, question, direction) for question in QUESTIONS}
    return tuple(
        RowChange(
            row=one.row.row,
            old_row=one.row.old_row,
            baseline=one.row.baseline,
            old=_value(one.old),
            new=_value(one.new),
            texts=len(one.row.documents),
            documents=len(set(one.row.documents)),
            gold_changed=one.row.gold_changed,
            text_changed=one.row.text_changed,
            retrained_models=answers["retrained-models"][at],
            fixed_models=answers["fixed-models"][at],
        )
        for at, one in enumerate(tried)
    )


def per_text(metric: Metric, row: RowScores) -> Array:
    """Return the metric of each text alone, the mean over runs, shape (texts,); NaN is undefined."""
    values = []
    for run in row.runs:
        texts, width = run.shape
        step = max(1, CELLS // max(1, width))
        parts = [
            values_of(
                metric, dense(run[start : start + step]), np.ones(min(step, texts - start)), 1
            )
            for start in range(0, texts, step)
        ]
        values.append(np.concatenate([part[0] for part in parts]))
    return np.asarray(np.mean(values, axis=0))


def most_changed(old: Array, new: Array, texts: int) -> list[int]:
    """Return the places of the `texts` largest changes, the largest first; no change is none."""
    change = np.nan_to_num(np.abs(new - old), nan=0.0)
    order = np.argsort(-change, kind="stable")[:texts]
    return [int(at) for at in order if change[at] > 0]


def _test_row(
    metric: Metric,
    row: SharedRow,
    resamples: int,
    seed: int,
    compare: Callable[[Mapping[str, RowScores], Resamples], GroupComparisons],
) -> _TestedRow:
    if not row.documents or row.new is None or row.old is None:
        return _TestedRow(row)
    drawn = Resamples.draw(row.documents, resamples, seed)
    new, old = replicate(metric, [row.new, row.old], drawn)
    found = compare({"new": row.new, "old": row.old}, drawn).comparisons
    return _TestedRow(row, found, new, old)


def _answers(
    tried: Sequence[_TestedRow], question: Question, direction: Direction
) -> list[ChangeTest]:
    found = [one.answer(question) for one in tried]
    reasons = [
        one.row.reason or (c.reason if c else "") for one, c in zip(tried, found, strict=True)
    ]
    if question == "fixed-models":
        rows = sum(not reason for reason in reasons)
        reasons = [
            reason or too_few_documents(len(set(one.row.documents)), rows)
            for reason, one in zip(reasons, tried, strict=True)
        ]
    ps = [None if c is None or r else c.p for c, r in zip(found, reasons, strict=True)]
    adjusted = holm(ps)
    family = max(1, sum(p is not None for p in adjusted))
    return [
        _answer(one, c, p, family, direction, reason)
        for one, c, p, reason in zip(tried, found, adjusted, reasons, strict=True)
    ]


def _answer(
    tried: _TestedRow,
    c: Comparison | None,
    p_holm: float | None,
    family: int,
    direction: Direction,
    reason: str,
) -> ChangeTest:
    if c is None or tried.new is None or tried.old is None:
        return ChangeTest(verdict="no verdict", reason=reason)
    if p_holm is None:
        return ChangeTest(verdict="no verdict", difference=c.difference, reason=reason)
    detectable = (
        detectable_retrained if c.question == "retrained-models" else detectable_fixed_models
    )
    return ChangeTest(
        verdict=_verdict(c.difference or 0.0, p_holm, direction),
        difference=c.difference,
        low=c.low,
        high=c.high,
        p=c.p,
        p_holm=p_holm,
        smallest_detectable=detectable(tried.new, tried.old, family=family),
        method=c.method,
    )


def _verdict(difference: float, p_holm: float, direction: Direction) -> Moved:
    if p_holm > ALPHA:
        return "cannot tell"
    if direction == "none":
        return "changed"
    return "improved" if (difference > 0) == (direction == "higher") else "worse"


def _value(row: Replicates | None) -> float | None:
    return None if row is None or not np.isfinite(row.value) else row.value
