"""Put the results together: rows in order, data figures, provenance, warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from deshi.api import Json
from deshi.benchmark.axes import Choice
from deshi.evaluate.results import SCHEMA, Comparison, DataFigures, MetricInfo, Results, Row, Value
from deshi.execute.provenance import provenance

if TYPE_CHECKING:
    from deshi.benchmark.plan import Plan
    from deshi.benchmark.plan import Row as PlannedRow
    from deshi.execute.run import Prepared
    from deshi.execute.task import Finished


def assemble(
    prepared: Prepared, done: Mapping[str, Finished], comparison: Mapping[str, Json]
) -> Results:
    """Return the results of a run whose stages are done."""
    plan = prepared.plan
    rows = [_row(plan, row, done, comparison["rows"].get(row.id)) for row in plan.rows]
    rows += [_shuffled(plan, rows, shuffled) for shuffled in comparison["shuffled"]]
    ordered = tuple(sorted(rows, key=_order(plan, rows)))
    data = tuple(_data(plan, done))
    return Results(
        schema=SCHEMA,
        run=plan.run_name,
        benchmark=_benchmark(plan),
        matrix={axis: [c.label for c in choices] for axis, choices in plan.benchmark.axes.items()},
        rows=ordered,
        metrics=tuple(_info(part) for part in plan.metrics),
        data=data,
        groups={group[:8]: metrics for group, metrics in comparison["gold"].items()},
        comparisons=tuple(Comparison(**one) for one in comparison["comparisons"]),
        provenance=provenance(prepared),
        warnings=tuple(_warnings(plan, data)),
    )


def _row(
    plan: Plan, row: PlannedRow, done: Mapping[str, Finished], compared: Mapping[str, Json] | None
) -> Row:
    base = Row(
        id=row.id,
        cell=row.cell.labels(),
        baseline=row.cell.baseline,
        group=row.group[:8],
        gold=row.gold,
        status="n/a",
        reason=row.cell.reason,
    )
    if not row.runs:
        return base
    if compared is None:
        return msgspec.structs.replace(base, status="failed", reason=_why(row, done))
    fitted = done[row.runs[0].stages[0]].manifest if row.runs[0].stages[0] in done else None
    figures = (fitted or {}).get("figures", {})
    return msgspec.structs.replace(
        base,
        status="ok",
        n_train=figures.get("train") or _gathered(row, done),
        n_test=compared["n_test"],
        n_documents=compared["n_documents"],
        n_reachable=compared["n_reachable"],
        coverage=compared["n_test"] / plan.benchmark.settings.test,
        seeds=len(row.runs),
        metrics=_values(compared["metrics"]),
        tie_group=compared["tie_group"],
        input_dependence=compared["input_dependence"],
        seconds=round(sum(_seconds(row, done)), 3),
    )


def _shuffled(plan: Plan, rows: list[Row], shuffled: Mapping[str, Json]) -> Row:
    best = next(row for row in rows if row.id == shuffled["of"])
    planned = next(row.cell for row in plan.rows if row.id == best.id)
    cell = replace(planned, student=Choice("shuffled"), loss=None, baseline=True)
    return Row(
        id=plan.id_of(cell),
        cell=cell.labels(),
        group=best.group,
        gold=best.gold,
        baseline=True,
        status="ok",
        reason=f"the answers of {best.id}, given to other texts ({shuffled['shuffles']} shuffles)",
        n_train=best.n_train,
        n_test=shuffled["n_test"],
        n_documents=shuffled["n_documents"],
        coverage=shuffled["n_test"] / plan.benchmark.settings.test,
        seeds=best.seeds,
        metrics=_values(shuffled["metrics"]),
    )


def _values(metrics: Mapping[str, Json]) -> dict[str, Value]:
    return {
        name: Value(**{**found, "runs": tuple(found["runs"])}) for name, found in metrics.items()
    }


def _order(plan: Plan, rows: list[Row]) -> Callable[[Row], Any]:
    """Order by group in the matrix' order; in a group by the primary metric, baselines last."""
    groups = list(dict.fromkeys(row.group for row in rows))
    primary = plan.metrics[0]
    sign = -1.0 if primary["direction"] != "lower" else 1.0

    def key(row: Row) -> Any:  # noqa: ANN401
        found = row.metrics.get(primary["label"])
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
    return f"{reasons[0]}{more}" if reasons else "did not run"


def _gathered(row: PlannedRow, done: Mapping[str, Finished]) -> int | None:
    manifest = done[row.gather].manifest if row.gather in done else None
    return manifest["figures"]["parts"]["train"] if manifest else None


def _seconds(row: PlannedRow, done: Mapping[str, Finished]) -> Iterator[float]:
    for run in row.runs:
        for address in run.stages:
            manifest = done[address].manifest if address in done else None
            yield float(manifest["seconds"]) if manifest else 0.0


def _data(plan: Plan, done: Mapping[str, Finished]) -> Iterator[DataFigures]:
    for address, stage in plan.stages.items():
        manifest = done[address].manifest if address in done else None
        if stage.name not in ("split", "gather") or manifest is None:
            continue
        figures = manifest["figures"]
        yield DataFigures(
            stage="split" if stage.name == "split" else "gather",
            title=stage.title,
            address=address,
            kept=figures["parts"],
            dropped=figures["dropped"],
            notes={
                k: v for k, v in figures.items() if k not in ("parts", "dropped", "asked", "reused")
            },
        )


def _warnings(plan: Plan, data: tuple[DataFigures, ...]) -> Iterator[str]:
    wanted = plan.benchmark.settings.train
    for figures in data:
        yield from (f"{figures.title}: {line}" for line in figures.notes.get("warnings", ()))
        if figures.stage == "gather" and figures.kept["train"] < wanted:
            yield (
                f"{figures.title}: {figures.kept['train']} training pairs survived of {wanted} wanted; "
                "the corpus or pull-limit ended first"
            )
    if "constant" not in plan.benchmark.settings.baselines:
        yield "the constant baseline is switched off: nothing shows whether a row beats a fixed answer"


def _info(part: Mapping[str, Json]) -> MetricInfo:
    low, high = part["bounds"]
    return MetricInfo(
        name=part["label"],
        direction=part["direction"],
        bounds=(low, high),
        signature="|".join((part["signature"], *_parameters(part))),
        summary=part["summary"],
    )


def _parameters(part: Mapping[str, Json]) -> Iterator[str]:
    """Yield what else tells a metric's figures from another's: its component and parameters."""
    identity = part["identity"]
    yield f"{identity['component']}.{identity['revision']}"
    yield from (f"{key}:{value}" for key, value in sorted(identity["params"].items()))


def _benchmark(plan: Plan) -> dict[str, Json]:
    settings = plan.benchmark.settings
    fields = {
        name.replace("_", "-"): getattr(settings, name) for name in settings.__dataclass_fields__
    }
    return {"file": plan.benchmark.path.name, **fields, "pull-limit": settings.pull}
