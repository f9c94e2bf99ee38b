"""Claims about the rows of a finished run, checked against its artefacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from deshi.api import UsageError
from deshi.runs.row_names import find_row
from deshi.statistics.resampling import Resamples
from deshi_tools.claims.claim import Claim, better_side
from deshi_tools.claims.evidence import ClaimVerdict, GroupEvidence, check_claim

if TYPE_CHECKING:
    from deshi.results import MetricInfo, Question, Row
    from deshi.runs.saved_run import SavedRun

_SEED = 0
"""That of the run's own comparison, so that figures are those of its table."""


class ClaimChecker:
    """Judges claims about one run; rows of one group and metric are read once for all claims."""

    def __init__(self, run: SavedRun) -> None:
        self._run = run
        self._rows = {row.id: row for row in run.results.rows}
        self._groups: dict[tuple[str, str], GroupEvidence] = {}

    def check(self, claim: Claim, question: Question) -> ClaimVerdict:
        """Judge one claim.

        Raises:
            UsageError: a row or a metric is unknown, the metric has no better side, or an artefact
                was removed.
        """
        where = f"--claim '{claim.text}'"
        info = self._run.metric_info(claim.metric)
        direction = better_side(info.name, info.direction, where)
        better, worse = (
            self._rows[find_row(name, self._rows, where)] for name in (claim.better, claim.worse)
        )
        if better is worse:
            raise UsageError(f"both sides are {better.id}", where=where, fix="name two rows")
        reason = self._why_not(better, worse)
        if reason:
            return ClaimVerdict(
                claim=claim.text,
                a=better.id,
                b=worse.id,
                metric=info.name,
                direction=direction,
                question=question,
                margin=claim.margin,
                reason=reason,
            )
        group_evidence = self._evidence(better.group, info, direction)
        return check_claim(claim, better.id, worse.id, group_evidence, question)

    def _why_not(self, *rows: Row) -> str:
        for row in rows:
            if row.status != "ok":
                return f"{row.id} has no value ({row.status}: {row.reason})"
            if row.id not in self._run.rows:
                return f"{row.id} is a baseline without predictions of its own"
        a, b = rows
        if a.group != b.group:
            return (
                "they are in different comparison groups: different test texts or different gold "
                f"({a.gold}'s and {b.gold}'s)"
            )
        return ""

    def _evidence(
        self, group: str, info: MetricInfo, direction: Literal["higher", "lower"]
    ) -> GroupEvidence:
        if (group, info.name) not in self._groups:
            run = self._run
            saved = {name: r for name, r in sorted(run.rows.items()) if r.result.group == group}
            first = next(iter(saved.values()))
            documents = [text.document for text in run.test_set(first).texts]
            resamples = int(run.results.benchmark["resamples"])
            self._groups[group, info.name] = GroupEvidence(
                name=info.name,
                metric=run.metric(first, info.name),
                direction=direction,
                bounds=info.bounds,
                rows={name: run.counts(row, info.name) for name, row in saved.items()},
                resamples=Resamples.draw(documents, resamples, _SEED),
                known=[
                    c
                    for c in run.results.comparisons
                    if c.metric == info.name and self._rows[c.a].group == group
                ],
            )
        return self._groups[group, info.name]


def check_claims(run: SavedRun, claims: Sequence[Claim], question: Question) -> list[ClaimVerdict]:
    """Check every claim about a run; see `ClaimChecker.check` for what is raised."""
    checker = ClaimChecker(run)
    return [checker.check(claim, question) for claim in claims]
