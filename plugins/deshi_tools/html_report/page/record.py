"""Gather what the report shows: one JSON record of a run's results and of what it left in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deshi.api import Json
from deshi.results import AXES, QUESTIONS
from deshi_tools.comparison_table.comparison_table import caption, heading
from deshi_tools.comparison_table.notes import notes
from deshi_tools.comparison_table.verdicts import group_name, verdict
from deshi_tools.error_analysis.tags import RULES
from deshi_tools.html_report.page.advice import advice
from deshi_tools.html_report.page.answers import PagePredictions, read_answers
from deshi_tools.html_report.page.migration import planned
from deshi_tools.html_report.page.reliability import reliability
from deshi_tools.html_report.page.waterfall import waterfall
from deshi_tools.results_view.results_view import ResultsView

if TYPE_CHECKING:
    from deshi.results import Question, Row
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.results_view.results_view import Difference, Group

SCHEMA = 1


def page_record(run: SavedRun) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return a run's record, and its test texts with the answers of all rows.

    Rows are named by their place in `rows`. What a removed artefact would have told is left out, and
    `missing` says so.
    """
    results, view = run.results, ResultsView(run.results)
    rows = [row for group in view.groups for row in group.rows]
    places = {row.id: at for at, row in enumerate(rows)}
    answered = read_answers(run, rows)
    record: dict[str, Json] = {
        "schema": SCHEMA,
        "run": results.run,
        "metrics": [_metric(metric) for metric in results.to_json()["metrics"]],
        "axes": [axis for axis in AXES if len({row.cell.get(axis) for row in rows}) > 1],
        "rows": [_row(view, row, places) for row in rows],
        "tags": dict(RULES),
        "groups": [_group(view, group, places, answered) for group in view.groups],
        "differences": {question: _differences(view, places, question) for question in QUESTIONS},
        "reliability": dict(reliability(run, rows, answered)),
        "waterfall": list(waterfall(results)),
        "migration": planned(run),
        "missing": list(answered.missing),
        "legend": caption(view),
        "notes": list(notes(view)),
        "benchmark": dict(results.benchmark),
        "matrix": dict(results.matrix),
        "provenance": dict(results.provenance),
        "prompts": run.prompts(),
    }
    return record, answered.record()


def _metric(metric: Mapping[str, Json]) -> dict[str, Json]:
    return {key: metric[key] for key in ("name", "direction", "bounds", "signature", "summary")}


def _row(view: ResultsView, row: Row, places: Mapping[str, int]) -> dict[str, Json]:
    found, majority = row.input_dependence, view.majority_rows.get(row.id)
    return {
        "id": row.id,
        "name": _name(view, row),
        "student": view.student_label(row).removeprefix("– "),
        "cell": dict(row.cell),
        "group": row.group,
        "baseline": row.baseline,
        "status": row.status,
        "reason": row.reason,
        "constant": places.get(majority.id) if majority is not None else None,
        "train": row.n_train,
        "test": row.n_test,
        "documents": row.n_documents,
        "coverage": row.coverage,
        "seeds": row.seeds,
        "tie": row.tie_group,
        "input": found["p"] if found else None,
        "few": view.is_collapsed(row),
        "used": row.vocabulary.emoji if row.vocabulary else None,
        "oracle": row.vocabulary.oracle if row.vocabulary else None,
        "cost": row.cost_usd if row.status == "ok" else None,
        "seconds": row.seconds if row.status == "ok" else None,
        "metrics": {
            name: [rounded(v.value), rounded(v.low), rounded(v.high), v.question, v.reason]
            for name, v in row.metrics.items()
        },
    }


def _name(view: ResultsView, row: Row) -> str:
    """Return a row's name; that of a baseline as the field has it: `majority baseline (constant)`."""
    name, student = view.name(row), str(row.cell["student"])
    known = view.baseline_name(row)
    if not row.baseline or known == student:
        return name
    parts = (f"{known} ({student})" if part == student else part for part in name.split("/"))
    return "/".join(parts)


def _group(
    view: ResultsView, group: Group, places: Mapping[str, int], answered: PagePredictions
) -> dict[str, Json]:
    return {
        "id": group.id,
        "heading": heading(view, group),
        "short": group_name(view, group) if group.id else "",
        "gold": dict(view.results.groups.get(group.id, {})),
        "rows": [places[row.id] for row in group.rows],
        "top": [places[row.id] for row in group.rows if view.is_top(row)],
        "verdict": verdict(view, group) if group.id else "",
        **(advice(view, group, answered) if group.id else {}),
    }


def _differences(
    view: ResultsView, places: Mapping[str, int], question: Question
) -> dict[str, dict[str, Json]]:
    """Return, for every row to compare with, all others' differences.

    p is what `deshi show` gives: Holm's over the rows of one constant, or over all pairs.
    """
    to_majority = view.differences_to_majority(question)
    found: dict[str, dict[str, Json]] = {}
    for other, place in places.items():
        row = view.rows[other]
        if row.status == "ok" and row.metrics:
            lines = {**view.differences_to(row, question)}
            lines |= {
                name: difference
                for name, difference in to_majority.items()
                if view.majority_rows[name].id == other
            }
            found[str(place)] = {
                str(places[name]): _difference(difference)
                for name, difference in lines.items()
                if name in places
            }
    return found


def _difference(found: Difference) -> list[Json]:
    return [*map(rounded, (found.value, found.low, found.high, found.p, found.least)), found.reason]


def rounded(value: float | None) -> float | None:
    """Return a number with the six digits that a reader could use."""
    return None if value is None else float(f"{value:.6g}")
