"""The columns of the comparison table: their names, their values, and when each is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deshi_tools.results_view.results_view import EFFECTIVE_EMOJI
from deshi_tools.tables.numbers import interval_text, marked_interval, p_text, usd
from deshi_tools.tables.table import Column, Scalar

if TYPE_CHECKING:
    from deshi.results import MetricInfo, Results, Row
    from deshi_tools.results_view.results_view import Difference, ResultsView

_ARROWS = {"higher": "↑", "lower": "↓", "none": ""}
_BESIDE = ("repetition", "top5-share")
"""RowColumn beside the primary metric without being asked: collapse is part of the result."""
_UNLESS_ZERO = ("non-emoji",)
"""RowColumn where some row is not at 0."""


@dataclass(frozen=True)
class RowColumn:
    """A column, and the value that it shows of a row."""

    column: Column
    value: Callable[[Row], Scalar]


def all_columns(view: ResultsView) -> Iterator[RowColumn]:
    """Yield the columns from the most important to the least: a narrow terminal drops the last."""
    yield from _naming(view)
    yield from _scoring(view)
    yield from _differing(view)
    yield RowColumn(Column("sig."), lambda row: row.tie_group or ("–" if row.vocabulary else ""))
    yield RowColumn(Column("input p"), lambda row: _input_p(view, row))
    yield from _collapse(view)
    fine = all(row.status == "ok" or row.baseline for row in view.results.rows)
    yield RowColumn(Column("status", wide=fine), lambda row: row.status)
    yield RowColumn(Column("seeds", "right"), lambda row: row.seeds or None)
    yield from _costs(view.results)
    yield from _others(view.results)
    yield from _counts(view)


def _naming(view: ResultsView) -> Iterator[RowColumn]:
    for axis in view.axes:
        if axis == "student":
            yield RowColumn(Column(axis), view.student_label)
        else:
            yield RowColumn(Column(axis), lambda row, axis=axis: row.cell.get(axis))  # type: ignore[misc]


def _scoring(view: ResultsView) -> Iterator[RowColumn]:
    name = view.primary.name
    yield RowColumn(Column(_titled(view.primary), "right", decimals=3), view.value)
    yield RowColumn(Column("interval"), lambda row: marked_interval(row.metrics.get(name)))


def _differing(view: ResultsView) -> Iterator[RowColumn]:
    name = "vs chosen" if view.against else "vs maj."
    number = Column(name, "right", decimals=3, signed=True)
    detectable = Column("detectable", "right", wide=True, decimals=3)
    yield _of_difference(view, number, lambda found: found.value)
    yield RowColumn(Column("p"), lambda row: _p(row, view.differences.get(row.id)))
    yield _of_difference(view, Column(f"{name} interval", wide=True), _ends)
    yield _of_difference(view, detectable, lambda found: found.least)
    yield _of_difference(
        view, Column("p, relabelling", wide=True), lambda found: p_text(found.p_relabelling)
    )


def _of_difference(
    view: ResultsView, column: Column, value: Callable[[Difference], Scalar]
) -> RowColumn:
    """Return a column with a value of each row's difference, empty where a row has none."""
    empty = None if column.align == "right" else ""
    return RowColumn(
        column, lambda row: value(found) if (found := view.differences.get(row.id)) else empty
    )


def _ends(found: Difference) -> str:
    return "" if found.low is None else f"[{found.low:+.3f}, {found.high:+.3f}]"


def _p(row: Row, found: Difference | None) -> str:
    """Return p after Holm, or a dash without a test; baselines without predictions are not tested."""
    return "" if found is None or row.vocabulary is None else p_text(found.p)


def _input_p(view: ResultsView, row: Row) -> str:
    """Return the p value of the input-dependence test, and a mark where a row ignores its input."""
    found = row.input_dependence
    if found is None or found["p"] is None:
        return ""
    return p_text(found["p"]) + (" FAILS" if view.ignores_input(row) else "")


def _collapse(view: ResultsView) -> Iterator[RowColumn]:
    """Yield the columns of diversity, the effective emoji beside the gold's."""
    known = {metric.name: metric for metric in view.results.metrics[1:]}

    def used(row: Row) -> str:
        if known[EFFECTIVE_EMOJI].failed:
            return "failed"
        own, gold = view.effective_emoji(row)
        if own is None:
            return ""
        mark = " FEW" if view.is_collapsed(row) else ""
        return f"{own:.0f} of {gold:.0f}{mark}" if gold is not None else f"{own:.0f}"

    if EFFECTIVE_EMOJI in known:
        yield RowColumn(Column("effective emoji", "right"), used)
    for name in (*_BESIDE, *_UNLESS_ZERO):
        if name in known:
            rows = (row.metrics[name].value for row in view.results.rows if name in row.metrics)
            wide = name in _UNLESS_ZERO and not any(rows)
            column = Column(_titled(known[name]), "right", wide=wide, decimals=3)
            yield RowColumn(column, value_of(known[name]))


def _costs(results: Results) -> Iterator[RowColumn]:
    """Yield what labels cost; where nothing was paid, only among all columns."""
    free = not any(row.cost_usd for row in results.rows)

    def cost(row: Row) -> Scalar:
        return usd(row.cost_usd) if row.status == "ok" else None

    def each(row: Row) -> Scalar:
        return usd(row.usd_per_1000) if row.usd_per_1000 is not None else None

    yield RowColumn(Column("labels, USD", "right", wide=free), cost)
    yield RowColumn(Column("USD per 1,000", "right", wide=True), each)


def _others(results: Results) -> Iterator[RowColumn]:
    """Yield all other metrics, each with its interval, and the intervals of those shown before."""
    shown = (*_BESIDE, *_UNLESS_ZERO)
    for metric in results.metrics[1:]:
        if metric.name not in shown:
            column = Column(_titled(metric), "right", wide=True, decimals=3)
            yield RowColumn(column, value_of(metric))
        column = Column(f"{metric.name} interval", wide=True)
        yield RowColumn(column, lambda row, name=metric.name: interval_text(row.metrics.get(name)))  # type: ignore[misc]


def _counts(view: ResultsView) -> Iterator[RowColumn]:
    name = view.primary.name

    def numbers(
        title: str, value: Callable[[Row], Scalar], decimals: int | None = None
    ) -> RowColumn:
        return RowColumn(Column(title, "right", wide=True, decimals=decimals), value)

    def restricted(row: Row) -> Scalar:
        found = row.metrics.get(name)
        return found.restricted if found is not None else None

    def used(row: Row) -> Scalar:
        return row.vocabulary.emoji if row.vocabulary else None

    def oracle(row: Row) -> Scalar:
        return row.vocabulary.oracle if row.vocabulary else None

    yield numbers("restricted", restricted, 3)
    yield numbers("emoji used", used, 0)
    yield numbers("their oracle", oracle, 3)
    if "train" not in view.axes:
        yield numbers("train", lambda row: row.n_train)
    yield numbers("test", lambda row: row.n_test)
    yield numbers("coverage", lambda row: row.coverage, 2)
    yield numbers("seconds", lambda row: row.seconds if row.status == "ok" else None, 1)
    yield RowColumn(Column("reason", wide=True), lambda row: row.reason)


def _titled(metric: MetricInfo) -> str:
    return f"{metric.name} {_ARROWS[metric.direction]}".strip()


def value_of(metric: MetricInfo) -> Callable[[Row], Scalar]:
    """Return what reads a row's value of a metric: `failed` in all rows where the metric has failed."""
    if metric.failed:
        return lambda row: "failed" if row.status == "ok" else None
    return lambda row: found.value if (found := row.metrics.get(metric.name)) else None
