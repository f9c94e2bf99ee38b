"""What replacing one teacher by another does, from the artefacts of a run that asked both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from deshi.api import Json
from deshi.statistics.resampling import Resamples
from deshi_tools.error_analysis.slices import length_slice, slices
from deshi_tools.ledger_view.latency import call_seconds
from deshi_tools.migration.agreement import agreement
from deshi_tools.migration.decision import decide
from deshi_tools.migration.emoji_shifts import emoji_moves
from deshi_tools.migration.fault_rates import find_component, rates
from deshi_tools.migration.paired_answers import PairedAnswers, pair, same_texts
from deshi_tools.migration.rates import mean
from deshi_tools.migration.record import Bill, CrossCell, TeacherComparison, Transfer
from deshi_tools.migration.shifts import shifts

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.registry import Registry
    from deshi.results import Comparison, Row
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.error_analysis.slices import Slice
    from deshi_tools.migration.paired_answers import TeacherAnswers
    from deshi_tools.migration.record import Decision, Mean

LIKENESS = ("jaccard", "soft-jaccard", "category-jaccard")
"""Metrics of how alike two answers are; those that the registry has are shown, the first decides."""


def migration(
    run: SavedRun,
    registry: Registry,
    first: str,
    second: str,
    only: Mapping[str, str] | None = None,
) -> TeacherComparison:
    """Compare two teachers of a run by the rule of its file, on the texts that `only` names; see `pair`.

    Raises:
        UsageError: one is no teacher of the run, or an artefact was removed.
    """
    paired = pair(run, first, second, only)
    a, b = paired.answers()
    drawn = Resamples.draw(paired.documents, run.results.benchmark["resamples"], 0)
    alike = tuple(agreement(name, metric, a, b, drawn) for name, metric in _metrics(registry))
    found = TeacherComparison(
        run=run.name,
        first=first,
        second=second,
        context=paired.context,
        others=tuple(paired.others),
        texts=paired.asked,
        paired=len(paired.ids),
        documents=len(drawn.documents),
        samples=a.times,
        same_inputs=paired.same_inputs,
        agreement=alike,
        strata=tuple(_strata(run, paired, next(_metrics(registry))[1])),
        shifts=shifts(a, b, paired.numbered),
        means=tuple(_means(paired, drawn)),
        emoji=emoji_moves(a, b, paired.numbered),
        rates=tuple(rates(paired, registry)),
        bills=tuple(_bills(run, paired)),
        cross=tuple(cross(run, first, paired.context)),
        transfers=tuple(transfers(run, first, second, paired.context)),
        terms=_terms(run, first, second),
    )
    return msgspec.structs.replace(found, decision=_decision(run, found))


def _decision(run: SavedRun, found: TeacherComparison) -> Decision | None:
    return decide(
        _accept(run, found.first, found.second),
        agreement=found.agreement[0],
        rates=found.rates,
        bills=found.bills,
        transfers=found.transfers,
        texts=found.texts,
    )


def _metrics(registry: Registry) -> Iterator[tuple[str, Metric]]:
    for name in LIKENESS:
        built = find_component(registry, "metric", name)
        if built is not None:
            yield name, cast("Metric", built)


def _strata(run: SavedRun, paired: PairedAnswers, metric: Metric) -> Iterator[Slice]:
    """Yield the agreement of the first answers by length, and by what the corpus tells of its texts."""
    from deshi.emoji import Alphabet

    a, b = paired.answers()
    counts = metric.statistics(b.predicted(0), a.expected(0), Alphabet.full())
    texts = [str(paired.first.rows[i]["text"]) for i in paired.ids]
    yield from slices(
        metric,
        [counts],
        {"length": [length_slice(text) for text in texts]},
        paired.documents,
        bounds=(0.0, 1.0),
        resamples=run.results.benchmark["resamples"],
    )


def _means(paired: PairedAnswers, drawn: Resamples) -> Iterator[Mean]:
    names = (paired.first.name, paired.second.name)
    lengths = [
        [sum(map(len, own)) / len(own) for own in answers.samples] for answers in paired.answers()
    ]
    yield mean("emoji per answer", names, lengths, drawn)
    if not paired.same_inputs:
        letters = [
            [float(len(asked.rows[i]["text"])) for i in paired.ids]
            for asked in (paired.first, paired.second)
        ]
        yield mean("characters of the rewritten text", names, letters, drawn)


def _bills(run: SavedRun, paired: PairedAnswers) -> Iterator[Bill]:
    for own in (paired.first, paired.second):
        yield _bill(run, own, paired.first.name, paired.context)


def _bill(
    run: SavedRun, asked: TeacherAnswers, first: str, context: Mapping[str, str | None]
) -> Bill:
    """Return what a teacher's labels cost the run, rewrites included, and how long its calls took."""
    rows = (
        row
        for row in run.results.rows
        if row.cell["teacher"] == asked.name
        and row.status == "ok"
        and same_texts(context, first, row.cell, asked.name)
    )
    own = next(rows, None)  # where every row failed there is no bill
    seconds = call_seconds(run.workspace, asked.labelled.manifest.params.teacher.identity)
    middle, late = np.percentile(seconds, [50, 95]).tolist() if seconds else (None, None)
    return Bill(
        teacher=asked.name,
        calls=len(seconds),
        accepted=asked.labelled.manifest.figures.accepted,
        usd=own.cost_usd if own else None,
        usd_per_thousand=(own.usd_per_1000 or 0.0) if own else None,
        seconds_median=middle,
        seconds_p95=late,
    )


def cross(run: SavedRun, first: str, context: Mapping[str, str | None]) -> Iterator[CrossCell]:
    """Yield every student that began with these texts: who taught it, its score by whose labels."""
    primary = run.results.primary.name
    for row in run.results.rows:
        found = row.metrics.get(primary)
        own = same_texts(context, first, row.cell, str(row.cell["teacher"]))
        if own and not row.baseline and row.status == "ok" and found is not None:
            yield CrossCell(
                row=row.id,
                student=_student(row),
                taught=str(row.cell["teacher"]),
                gold=row.gold,
                value=found.value,
                low=found.low,
                high=found.high,
                tie_group=row.tie_group,
            )


def transfers(
    run: SavedRun, first: str, second: str, context: Mapping[str, str | None]
) -> Iterator[Transfer]:
    """Yield what a student gains by the new teacher, on every gold that judges both."""
    rows = [row for row in run.results.rows if not row.baseline and row.status == "ok"]
    for old in rows:
        if old.cell["teacher"] != first or not same_texts(context, first, old.cell, first):
            continue
        for new in rows:
            alike = new.group == old.group and _student(new) == _student(old)
            if (
                alike
                and new.cell["teacher"] == second
                and same_texts(old.cell, first, new.cell, second)
            ):
                yield _transfer(run.results.comparisons, old, new)


def _transfer(comparisons: Sequence[Comparison], old: Row, new: Row) -> Transfer:
    """Return new minus old for newly trained students where there is such a test, else for these."""
    pairs = {c.question: c for c in comparisons if {c.a, c.b} == {old.id, new.id}}
    retrained, fixed = (
        pairs["retrained-models"],
        pairs["fixed-models"],
    )  # every pair of a group has both
    found = retrained if retrained.p is not None else fixed
    sign = 1 if found.a == new.id else -1
    ends = [None if end is None else sign * end for end in (found.low, found.high)]
    return Transfer(
        student=_student(new),
        gold=new.gold,
        difference=None if found.difference is None else sign * found.difference,
        low=ends[0] if sign > 0 else ends[1],
        high=ends[1] if sign > 0 else ends[0],
        p=found.p_holm,
        question="retrained-models" if found is retrained else "fixed-models",
        seeds=new.seeds,
        reason=found.reason,
    )


def _student(row: Row) -> str:
    parts = (row.cell["student"], row.cell["loss"])
    return "/".join(part for part in parts if part is not None)


def _terms(run: SavedRun, first: str, second: str) -> dict[str, Json]:
    entries: Mapping[str, Any] = run.results.provenance["entries"]
    return {name: entries.get(f"teacher.{name}", {}).get("terms") for name in (first, second)}


def _accept(run: SavedRun, first: str, second: str) -> Mapping[str, Any]:
    """Return the conditions of the benchmark file, if they are about these two teachers."""
    planned: Mapping[str, Any] = run.results.benchmark.get("migration", {})
    same = (planned.get("from"), planned.get("to")) == (first, second)
    return planned["accept"] if same else {}
