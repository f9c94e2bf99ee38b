"""Does the evidence carry a claim? It must stand where it was picked from: among all pairs of its group.

A claim is read off a table, so Holm's correction counts every pair of the comparison group, as the
table's letters do. For `by` a margin m each pair is tested against m, by the t that the interval of
its difference rests on:

    p = min(1, 2 P(T > (|a - b| - m) / SE))

which is the two-sided p for m = 0, and larger than needed for m > 0: on the safe side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from scipy.special import stdtr

from deshi.api import Direction
from deshi.results import Question
from deshi.statistics.comparisons import compare_rows
from deshi.statistics.holm import ALPHA, holm
from deshi.statistics.intervals import Bounds, documents_variance, retrained_variance
from deshi.statistics.replicates import Replicates, RowScores, replicate
from deshi.statistics.retrained_models import MIN_RUNS
from deshi_tools.claims.sample_size import SampleSize, sample_size

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.results import Comparison
    from deshi.statistics.resampling import Resamples
    from deshi_tools.claims.claim import Claim


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Two rows on one metric: a - b and all that tells how far it is to be believed.

    `family` is the number of pairs that Holm's correction counted. `texts_needed` and `seeds_needed`
    would each alone show a difference of this size, or, of seeds, allow a test at all. `reason` says
    why there is none.
    """

    a: str
    b: str
    metric: str
    direction: Direction
    question: Question
    a_value: float | None = None
    b_value: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    family: int = 0
    smallest_detectable: float | None = None
    texts: int | None = None
    texts_needed: int | None = None
    seeds_needed: int | None = None
    method: str = "none"
    reason: str = ""


class ClaimVerdict(Evidence, frozen=True, kw_only=True):
    """Whether the evidence carries the claim that `a` is better than `b` by more than `margin`."""

    claim: str
    margin: float = 0.0
    carried: bool = False

    @property
    def points_right(self) -> bool:
        """Whether the difference lies on the side that the claim says."""
        return (self.difference or 0.0) * (-1 if self.direction == "lower" else 1) > 0


@dataclass(frozen=True)
class GroupEvidence:
    """The rows of one comparison group on one metric, all evaluated on the same texts.

    `known` are comparisons of these rows that a table shows already; without them they are made.
    """

    name: str
    metric: Metric
    direction: Direction
    rows: Mapping[str, RowScores]
    resamples: Resamples
    bounds: Bounds = (None, None)
    known: Sequence[Comparison] = ()

    @cached_property
    def comparisons(self) -> Sequence[Comparison]:
        """All pairs of rows, for both questions."""
        return (
            self.known
            or compare_rows(
                self.metric,
                self.rows,
                self.resamples,
                name=self.name,
                higher_is_better=self.direction != "lower",
                bounds=self.bounds,
            ).comparisons
        )

    @cached_property
    def replicates(self) -> Mapping[str, Replicates]:
        """The replicates of each row."""
        found = replicate(self.metric, list(self.rows.values()), self.resamples)
        return dict(zip(self.rows, found, strict=True))

    @property
    def texts(self) -> int:
        """The number of texts that all rows were evaluated on."""
        return int(self.resamples.documents.sizes.sum())


def check_claim(
    claim: Claim, a: str, b: str, group: GroupEvidence, question: Question
) -> ClaimVerdict:
    """Say whether row `a` beats row `b` by more than the claim's margin, after Holm's correction."""
    evidence = evidence_on(a, b, group, question, claim.margin)
    found = ClaimVerdict(claim=claim.text, margin=claim.margin, **msgspec.structs.asdict(evidence))
    carried = found.p_holm is not None and found.p_holm <= ALPHA and found.points_right
    return msgspec.structs.replace(found, carried=carried)


def evidence_on(
    a: str, b: str, group: GroupEvidence, question: Question, margin: float = 0.0
) -> Evidence:
    """Return the evidence on two rows of a group."""
    pairs = [c for c in group.comparisons if c.question == question]
    ps = [_p(c, group, margin) for c in pairs]
    adjusted = holm(ps) if margin else [c.p_holm for c in pairs]
    family = max(1, sum(p is not None for p in adjusted))
    at = next(at for at, c in enumerate(pairs) if {c.a, c.b} == {a, b})
    pair, same, least = pairs[at], pairs[at].a == a, pairs[at].smallest_detectable
    rows = group.replicates[a], group.replicates[b]
    beyond = abs(pair.difference or 0.0) - margin
    more = SampleSize()
    if pair.p is not None and beyond > 0:
        more = sample_size(*rows, beyond, group.texts, question=question, family=family)
    elif question == "retrained-models" and any(_has_too_few_runs(row) for row in rows):
        more = SampleSize(seeds=MIN_RUNS)
    return Evidence(
        a=a,
        b=b,
        metric=group.name,
        direction=group.direction,
        question=question,
        a_value=_finite(rows[0].value),
        b_value=_finite(rows[1].value),
        difference=pair.difference if same else _minus(pair.difference),
        low=pair.low if same else _minus(pair.high),
        high=pair.high if same else _minus(pair.low),
        p=ps[at],
        p_holm=adjusted[at],
        family=family,
        smallest_detectable=None if least is None else margin + least,
        texts=group.texts,
        texts_needed=more.texts,
        seeds_needed=more.seeds,
        method="t beyond a margin" if margin and pair.p is not None else pair.method,
        reason=pair.reason if pair.p is None else "",
    )


def _has_too_few_runs(row: Replicates) -> bool:
    return not row.deterministic and len(row.points) < MIN_RUNS


def _p(pair: Comparison, group: GroupEvidence, margin: float) -> float | None:
    if not margin or pair.p is None or pair.difference is None:
        return pair.p
    a, b = group.replicates[pair.a], group.replicates[pair.b]
    spread = (retrained_variance if pair.question == "retrained-models" else documents_variance)(
        a, b
    )
    if not spread.value > 0:
        return pair.p if abs(pair.difference) > margin else 1.0
    beyond = (abs(pair.difference) - margin) / np.sqrt(spread.value)
    return min(1.0, 2 * float(stdtr(min(spread.df, 1e12), -beyond)))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _minus(value: float | None) -> float | None:
    return None if value is None else -value
