"""Put the results together: rows in order, data figures, provenance, warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from deshi.api import Json
from deshi.benchmark.axes import Choice
from deshi.benchmark.plan import row_id
from deshi.engine.label_cost import bill
from deshi.engine.provenance import mixed_rows, provenance
from deshi.engine.result_warnings import warnings
from deshi.results import SCHEMA, DataFigures, MetricInfo, Results, Row
from deshi.stages.comparison_groups import group_of
from deshi.stages.decision_log import count_decisions, decisions_file
from deshi.workspace.manifest import FitManifest, LabelManifest, PredictManifest, SplitManifest

if TYPE_CHECKING:
    from deshi.benchmark.part import MetricPart
    from deshi.benchmark.plan import Plan, PlannedRow
    from deshi.engine.prepared import Prepared
    from deshi.stages.standings import BaselineStanding, Standing, Standings
    from deshi.workspace.manifest import Failure, Finished
    from deshi.workspace.store import Store


_TOLD = ("parts", "dropped", "asked", "reused", "judged", "cost_nano_usd")
"""Figures of a stage that are elsewhere in the results, or matter to deshi alone."""


def assemble(
    prepared: Prepared,
    done: Mapping[str, Finished],
    standings: Standings,
    failed: Mapping[str, Failure],
) -> Results:
    """Return the results of a run whose stages are done.

    Metrics are in the plan's order, but the one that ranks comes first and those that failed last.
    """
    plan = prepared.plan
    ranking = sorted(
        plan.metrics, key=lambda part: (part.label != standings.primary, part.label in failed)
    )
    plan = replace(plan, metrics=tuple(ranking))
    rows = [_row(prepared, row, done, standings.rows.get(row.id), failed) for row in plan.rows]
    rows += [_baseline_row(plan, rows, baseline) for baseline in standings.made]
    ordered = tuple(sorted(rows, key=_order(plan, rows)))
    metrics = tuple(_info(part, failed.get(part.label)) for part in plan.metrics)
    data = tuple(_data(plan, done, prepared.workspace.store))
    return Results(
        schema=SCHEMA,
        run=plan.run_name,
        benchmark=_benchmark(plan),
        matrix={axis: [c.label for c in choices] for axis, choices in plan.benchmark.axes.items()},
        rows=ordered,
        metrics=metrics,
        data=data,
        groups={group[:8]: metrics for group, metrics in standings.gold.items()},
        comparisons=standings.comparisons,
        provenance=provenance(prepared, done),
        warnings=(
            *mixed_rows(plan.rows, done),
            *warnings(plan.benchmark, data, ordered, metrics),
        ),
    )


def _row(
    prepared: Prepared,
    row: PlannedRow,
    done: Mapping[str, Finished],
    standing: Standing | None,
    failed: Mapping[str, Failure],
) -> Row:
    plan = prepared.plan
    base = Row(
        id=row.id,
        cell=row.cell.labels(),
        baseline=row.cell.baseline,
        group=group_of(row, done)[:8],
        gold=row.gold,
        status="n/a",
        reason=row.cell.reason,
    )
    if row.cell.reason or not row.runs:
        return base
    if standing is None:
        why = _why(row, done) or "; ".join(one.reason for one in failed.values()) or "did not run"
        return msgspec.structs.replace(base, status="failed", reason=why)
    return msgspec.structs.replace(
        base,
        status="ok",
        n_train=None if row.cell.is_teacher else _training_texts(row, done),
        coverage=standing.n_test / plan.benchmark.settings.test,
        seeds=1 if standing.equal_runs else len(row.runs),
        seconds=round(sum(_seconds(row, done)), 3),
        **msgspec.structs.asdict(standing),
        **bill(row, done, prepared.parts),
    )


def _baseline_row(plan: Plan, rows: list[Row], baseline: BaselineStanding) -> Row:
    """Return the row of a baseline that was made of another row's answers."""
    best = next(row for row in rows if row.id == baseline.of)
    planned = next(row.cell for row in plan.rows if row.id == best.id)
    cell = replace(planned, student=Choice(baseline.name), loss=None, baseline=True)
    return Row(
        id=row_id(plan.benchmark, cell),
        cell=cell.labels(),
        group=best.group,
        gold=best.gold,
        baseline=True,
        status="ok",
        reason=baseline.reason,
        n_train=best.n_train if baseline.name != "ceiling" else None,
        n_test=baseline.n_test,
        n_documents=baseline.n_documents,
        coverage=baseline.n_test / plan.benchmark.settings.test,
        seeds=best.seeds if baseline.name != "ceiling" else baseline.runs,
        metrics=baseline.metrics,
    )


def _order(plan: Plan, rows: list[Row]) -> Callable[[Row], Any]:
    """Order by group in the matrix' order; in a group by the primary metric, baselines last."""
    groups = list(dict.fromkeys(row.group for row in rows))
    primary = plan.metrics[0]
    sign = -1.0 if primary.direction != "lower" else 1.0

    def key(row: Row) -> Any:  # noqa: ANN401
        found = row.metrics.get(primary.label)
        value = found.value if found is not None else None
        return (
            row.group == "",
            groups.index(row.group),
            row.baseline,
            value is None,
            sign * value if value is not None else 0.0,
            row.id,
        )

    return key


def _why(row: PlannedRow, done: Mapping[str, Finished]) -> str:
    reasons = [
        done[address].reason
        for run in row.runs
        for address in run.stages
        if address in done and done[address].status in ("failed", "blocked")
    ]
    failed = len({run.seed for run in row.runs for a in run.stages if a in done and done[a].reason})
    more = f" ({failed} of {len(row.runs)} runs)" if len(row.runs) > 1 else ""
    return f"{reasons[0]}{more}" if reasons else ""


def _training_texts(row: PlannedRow, done: Mapping[str, Finished]) -> int | None:
    """Return how many texts a row's student learned from; all that were labelled, if it does not say."""
    for address in (row.runs[0].stages[0], row.label):
        match done[address].manifest if address in done else None:
            case FitManifest(figures=figures) | PredictManifest(figures=figures) if figures.train:
                return figures.train
            case LabelManifest(figures=figures):
                return figures.parts["train"]
    return None


def _seconds(row: PlannedRow, done: Mapping[str, Finished]) -> Iterator[float]:
    for run in row.runs:
        for address in run.stages:
            manifest = done[address].manifest if address in done else None
            yield manifest.seconds if manifest else 0.0


def _data(plan: Plan, done: Mapping[str, Finished], store: Store) -> Iterator[DataFigures]:
    for address, stage in plan.stages.items():
        manifest = done[address].manifest if address in done else None
        if not isinstance(manifest, SplitManifest | LabelManifest):
            continue
        figures = manifest.figures
        decisions = decisions_file(store, address)
        yield DataFigures(
            stage="split" if isinstance(manifest, SplitManifest) else "label",
            title=stage.title,
            address=address,
            kept={str(part): n for part, n in figures.parts.items()},
            dropped=figures.dropped,
            decisions=count_decisions(decisions) if decisions is not None else (),
            notes={k: v for k, v in msgspec.to_builtins(figures).items() if k not in _TOLD},
        )


def _info(part: MetricPart, failure: Failure | None) -> MetricInfo:
    component = f"{part.identity.component}.{part.identity.revision}"
    params = (f"{key}:{value}" for key, value in sorted(part.identity.params.items()))
    return MetricInfo(
        name=part.label,
        direction=part.direction,
        bounds=part.bounds,
        signature="|".join((part.signature, component, *params)),
        summary=part.summary,
        failed=failure.reason if failure else "",
    )


def _benchmark(plan: Plan) -> dict[str, Json]:
    settings = plan.benchmark.settings
    fields = {
        name.replace("_", "-"): getattr(settings, name) for name in settings.__dataclass_fields__
    }
    return {
        "file": plan.benchmark.path.name,
        **fields,
        "pull-limit": settings.pull,
        **plan.benchmark.notes,
        **({"abandon": rule.plain()} if (rule := plan.benchmark.abandon) else {}),
        **({"scale": plan.benchmark.scale} if plan.benchmark.scale else {}),
    }
