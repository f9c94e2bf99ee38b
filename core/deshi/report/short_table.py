"""The short comparison table: what somebody wants to see first, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from deshi.report.columns import Shown, interval_text, value_of
from deshi.report.rows import (
    Difference,
    Group,
    differences,
    fails_input,
    groups,
    is_collapsed,
    letters,
    shown_axes,
    top_letters,
)
from deshi.report.table import Column, Line, Style, Table
from deshi.report.verdicts import gold_of, group_name, headlines

if TYPE_CHECKING:
    from deshi.evaluate.results import Results, Row

_FIRST_EMOJI = "hit-at-1"
_SCALE = {"constant": "majority baseline", "ceiling": "teacher self-agreement"}
"""Baselines under the field's names; others stand under their own."""
_NOT_TESTED = ("shuffled", "oracle")
"""Made of other rows' predictions; they stand in the whole table alone."""


def short_table(results: Results) -> Table:
    """Return the rows that students gave, without baselines, in a section per comparison group."""
    columns = [*_naming(results), *_scoring(results), *_differing(results)]
    shown = [group for group in groups(results) if group.id]
    return Table(
        title=title(results, shown),
        columns=tuple(replace(one.column, fixed=True) for one in columns),
        lines=tuple(line for group in shown for line in _lines(results, group, shown, columns)),
        notes=(*scale(results, shown), *_fixed_models(results)),
        summary=tuple(headline.text for headline in headlines(results)),
    )


def _fixed_models(results: Results) -> Iterator[str]:
    primary = results.primary.name
    shown = [row for row in results.rows if not row.baseline and primary in row.metrics]
    rows = [row.metrics[primary] for row in shown]
    if any(one.question == "artefact" and one.low is not None for one in rows):
        yield "†: these fixed models on new texts; too few runs to speak of retrained ones"


def title(results: Results, shown: list[Group]) -> str:
    """Return the run's name and, where there is one group, what it was tested on."""
    if len(shown) != 1:
        return results.run
    return f"{results.run}: {_tested_on(shown[0])}"


def _tested_on(group: Group) -> str:
    row = next((row for row in group.rows if row.n_test is not None), group.rows[0])
    return f"{row.n_test} test texts in {row.n_documents} documents, {gold_of(row)}"


def _lines(
    results: Results, group: Group, shown: list[Group], columns: list[Shown]
) -> Iterator[Line]:
    top = top_letters(results, group)
    to_majority = differences(results, None)
    heading = ""
    if len(shown) > 1:
        heading = f"{group_name(group, shown) or group.rows[0].gold}: {_tested_on(group)}"
    for row in group.rows:
        if row.baseline:
            continue
        style = _style(results, row, top, to_majority.get(row.id))
        yield Line(tuple(one.value(row) for one in columns), style, heading)
        heading = ""


def _style(
    results: Results, row: Row, top: frozenset[str], to_majority: Difference | None
) -> Style:
    """Bad is red, doubtful is yellow, the top group is bold."""
    if row.status == "failed" or fails_input(row):
        return "red"
    if row.status == "n/a":
        return "dim"
    if is_collapsed(results, row) or (to_majority is not None and to_majority.p is None):
        return "yellow"
    return "bold" if letters(row) & top else ""


def _naming(results: Results) -> Iterator[Shown]:
    for axis in shown_axes(results):
        yield Shown(Column(axis), lambda row, axis=axis: row.cell.get(axis))  # type: ignore[misc]


def _scoring(results: Results) -> Iterator[Shown]:
    primary = results.primary.name

    def interval(row: Row) -> str:
        value = row.metrics.get(primary)
        fixed = value is not None and value.question == "artefact" and value.low is not None
        return interval_text(value, 2) + ("†" if fixed else "")

    yield Shown(Column(primary, "right", decimals=3), value_of(primary))
    yield Shown(Column("95 % CI"), interval)
    if primary != _FIRST_EMOJI and any(one.name == _FIRST_EMOJI for one in results.metrics):
        yield Shown(Column("hit@1", "right", decimals=3), value_of(_FIRST_EMOJI))


def _differing(results: Results) -> Iterator[Shown]:
    to_majority = differences(results, None)

    def flag(row: Row) -> str:
        if row.status != "ok":
            return row.status
        marks = ["IGNORES INPUT"] if fails_input(row) else []
        marks += ["FEW"] if is_collapsed(results, row) else []
        return " ".join(marks)

    yield Shown(
        Column("vs majority", "right", decimals=3, signed=True),
        lambda row: d.value if (d := to_majority.get(row.id)) else None,
    )
    yield Shown(Column("sig."), lambda row: row.tie_group or ("–" if row.vocabulary else ""))
    if any(flag(row) for row in results.rows if not row.baseline):
        yield Shown(Column("flag"), flag)


def scale(results: Results, shown: list[Group]) -> Iterator[str]:
    """Yield a line per group with what the scores are to be read beside."""
    for group in shown:
        parts = [
            f"{_SCALE.get(name, name)} {value:.3f}"
            for row in group.rows
            if row.baseline and (name := str(row.cell["student"])) not in _NOT_TESTED
            if (value := value_of(results.primary.name)(row)) is not None
        ]
        about = f" ({group_name(group, shown)})" if len(shown) > 1 else ""
        if parts:
            yield f"scale{about}: {' · '.join(parts)}"
