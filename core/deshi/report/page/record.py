"""Gather what the report shows: one JSON record of a run's results and of what it left in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from deshi.api import Json
from deshi.evaluate.tags import RULES
from deshi.report.page.advice import advice
from deshi.report.page.answers import Answered, read_answers
from deshi.report.page.migration import planned
from deshi.report.page.reliability import reliability
from deshi.report.page.waterfall import waterfall
from deshi.report.results import caption, heading, notes
from deshi.report.rows import (
    AXES,
    Question,
    differences,
    groups,
    is_collapsed,
    letters,
    references,
    short,
    shown_axes,
    top_letters,
)
from deshi.report.verdicts import group_name, verdict

if TYPE_CHECKING:
    from deshi.evaluate.results import Results, Row
    from deshi.execute.reading import SavedRun
    from deshi.report.rows import Group

SCHEMA = 1
_QUESTIONS: tuple[Question, ...] = ("recipe", "artefact")


def page_record(run: SavedRun) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return a run's record, and its test texts with the answers of all rows.

    Rows are named by their place in `rows`. What a removed artefact would have told is left out, and
    `missing` says so.
    """
    results = run.results
    shown = list(groups(results))
    rows = [row for group in shown for row in group.rows]
    places = {row.id: at for at, row in enumerate(rows)}
    answered = read_answers(run, rows)
    axes = shown_axes(results)
    constants = {name: row.id for name, row in references(results, None).items()}
    record: dict[str, Json] = {
        "schema": SCHEMA,
        "run": results.run,
        "metrics": [_metric(metric) for metric in results.to_json()["metrics"]],
        "axes": [axis for axis in AXES if len({row.cell.get(axis) for row in rows}) > 1],
        "rows": [_row(results, row, axes, places.get(constants.get(row.id, ""))) for row in rows],
        "tags": dict(RULES),
        "groups": [_group(results, group, shown, places, answered) for group in shown],
        "differences": {question: _differences(results, rows, question) for question in _QUESTIONS},
        "reliability": dict(reliability(run, rows, answered)),
        "waterfall": list(waterfall(results)),
        "migration": planned(run),
        "missing": list(answered.missing),
        "legend": caption(results, None),
        "notes": list(notes(results)),
        "benchmark": dict(results.benchmark),
        "matrix": dict(results.matrix),
        "provenance": dict(results.provenance),
        "prompts": run.prompts(),
    }
    return record, answered.record()


def _metric(metric: Mapping[str, Json]) -> dict[str, Json]:
    return {key: metric[key] for key in ("name", "direction", "bounds", "signature", "summary")}


def _row(results: Results, row: Row, axes: list[str], constant: int | None) -> dict[str, Json]:
    found = row.input_dependence
    return {
        "id": row.id,
        "name": short(row, axes),
        "cell": dict(row.cell),
        "group": row.group,
        "baseline": row.baseline,
        "status": row.status,
        "reason": row.reason,
        "constant": constant,
        "train": row.n_train,
        "test": row.n_test,
        "documents": row.n_documents,
        "coverage": row.coverage,
        "seeds": row.seeds,
        "tie": row.tie_group,
        "input": found["p"] if found else None,
        "few": is_collapsed(results, row),
        "used": row.vocabulary.emoji if row.vocabulary else None,
        "oracle": row.vocabulary.oracle if row.vocabulary else None,
        "cost": row.cost_usd if row.status == "ok" else None,
        "seconds": row.seconds if row.status == "ok" else None,
        "metrics": {
            name: [rounded(v.value), rounded(v.low), rounded(v.high), v.question, v.reason]
            for name, v in row.metrics.items()
        },
    }


def _group(
    results: Results,
    group: Group,
    shown: Sequence[Group],
    places: Mapping[str, int],
    answered: Answered,
) -> dict[str, Json]:
    named = [one for one in shown if one.id]
    return {
        "id": group.id,
        "heading": heading(results, group, shown),
        "short": group_name(group, named) if group in named else "",
        "gold": dict(results.groups.get(group.id, {})),
        "rows": [places[row.id] for row in group.rows],
        "top": [places[row.id] for row in group.rows if letters(row) & top_letters(results, group)],
        "verdict": verdict(results, group) if group.id else "",
        **(advice(results, group, answered) if group.id else {}),
    }


def _differences(
    results: Results, rows: Sequence[Row], question: Question
) -> dict[str, dict[str, Json]]:
    """Return, for every row to compare with, all others' differences.

    p is what `deshi show` gives: Holm's over the rows of one constant, or over all pairs.
    """
    places = {row.id: at for at, row in enumerate(rows)}
    constants, default = references(results, None), differences(results, None, question)
    found: dict[str, dict[str, Json]] = {}
    for row in rows:
        if row.status == "ok" and row.metrics:
            own = {name: d for name, d in default.items() if constants[name].id == row.id}
            lines = {**differences(results, row.id, question), **own}
            found[str(places[row.id])] = {
                str(places[name]): [*map(rounded, (d.value, d.low, d.high, d.p, d.least)), d.reason]
                for name, d in lines.items()
                if name in places
            }
    return found


def rounded(value: float | None) -> float | None:
    """Return a number with the six digits that a reader could use."""
    return None if value is None else float(f"{value:.6g}")
