"""The short comparison table: scores, intervals and tests in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from deshi_tools.comparison_table.columns import RowColumn, value_of
from deshi_tools.comparison_table.verdicts import gold_of, group_name, headlines
from deshi_tools.tables.numbers import marked_interval
from deshi_tools.tables.table import Column, Line, Style, Table

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi_tools.results_view.results_view import Group, ResultsView

_FIRST_EMOJI = "hit-at-1"
_NOT_TESTED = ("shuffled", "oracle")
"""Made of other rows' predictions; they stand in the whole table alone."""


def short_table(view: ResultsView) -> Table:
    """Return the rows that students gave, without baselines, a section per comparison group."""
    columns = [*_naming(view), *_scoring(view), *_differing(view)]
    groups = view.comparison_groups
    return Table(
        title=_title(view),
        columns=tuple(replace(one.column, fixed=True) for one in columns),
        lines=tuple(line for group in groups for line in _lines(view, group, columns)),
        notes=(*_scale(view), *_fixed_models(view)),
        summary=tuple(headline.text for headline in headlines(view)),
    )


def _fixed_models(view: ResultsView) -> Iterator[str]:
    primary = view.primary.name
    shown = [row for row in view.results.rows if not row.baseline and primary in row.metrics]
    rows = [row.metrics[primary] for row in shown]
    if any(one.question == "fixed-models" and one.low is not None for one in rows):
        yield "†: these fixed models on new texts; too few runs for retrained models"


def _title(view: ResultsView) -> str:
    """Return the run's name and, where there is one group, what it was tested on."""
    run, groups = view.results.run, view.comparison_groups
    return f"{run}: {_tested_on(groups[0])}" if len(groups) == 1 else run


def _tested_on(group: Group) -> str:
    row = next((row for row in group.rows if row.n_test is not None), None)
    if row is None:
        return f"no row was tested, {gold_of(group.rows[0])}"
    return f"{row.n_test} test texts in {row.n_documents} documents, {gold_of(row)}"


def _lines(view: ResultsView, group: Group, columns: list[RowColumn]) -> Iterator[Line]:
    heading = ""
    if len(view.comparison_groups) > 1:
        heading = f"{group_name(view, group) or group.rows[0].gold}: {_tested_on(group)}"
    for row in group.rows:
        if row.baseline:
            continue
        yield Line(tuple(one.value(row) for one in columns), _style(view, row), heading)
        heading = ""


def _style(view: ResultsView, row: Row) -> Style:
    """Bad is red, doubtful is yellow, the top group is bold."""
    if row.status == "failed" or view.ignores_input(row):
        return "red"
    if row.status == "n/a":
        return "dim"
    to_majority = view.to_majority.get(row.id)
    if view.is_collapsed(row) or (to_majority is not None and to_majority.p is None):
        return "yellow"
    return "bold" if view.is_top(row) else ""


def _naming(view: ResultsView) -> Iterator[RowColumn]:
    for axis in view.axes:
        yield RowColumn(Column(axis), lambda row, axis=axis: row.cell.get(axis))  # type: ignore[misc]


def _scoring(view: ResultsView) -> Iterator[RowColumn]:
    primary = view.primary.name
    yield RowColumn(Column(primary, "right", decimals=3), view.value)
    yield RowColumn(Column("95 % CI"), lambda row: marked_interval(row.metrics.get(primary), 2))
    first = next((one for one in view.results.metrics if one.name == _FIRST_EMOJI), None)
    if first is not None and primary != _FIRST_EMOJI:
        yield RowColumn(Column("hit@1", "right", decimals=3), value_of(first))


def _differing(view: ResultsView) -> Iterator[RowColumn]:
    def flag(row: Row) -> str:
        if row.status != "ok":
            return row.status
        marks = ["IGNORES INPUT"] if view.ignores_input(row) else []
        marks += ["FEW"] if view.is_collapsed(row) else []
        return " ".join(marks)

    yield RowColumn(
        Column("vs majority", "right", decimals=3, signed=True),
        lambda row: d.value if (d := view.to_majority.get(row.id)) else None,
    )
    yield RowColumn(Column("sig."), lambda row: row.tie_group or ("–" if row.vocabulary else ""))
    if any(flag(row) for row in view.results.rows if not row.baseline):
        yield RowColumn(Column("flag"), flag)


def _scale(view: ResultsView) -> Iterator[str]:
    """Yield a line per group with the scores of the baselines."""
    for group in view.comparison_groups:
        parts = [
            f"{view.baseline_name(row)} {value:.3f}"
            for row in group.rows
            if row.baseline and row.cell["student"] not in _NOT_TESTED
            if (value := view.value(row)) is not None
        ]
        about = f" ({group_name(view, group)})" if len(view.comparison_groups) > 1 else ""
        if parts:
            yield f"scale{about}: {' · '.join(parts)}"
