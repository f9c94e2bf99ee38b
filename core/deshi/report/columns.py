"""The columns of the comparison table: what each is called, when it is shown, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deshi.report.rows import (
    EFFECTIVE,
    Difference,
    differences,
    effective,
    fails_input,
    is_collapsed,
    shown_axes,
)
from deshi.report.table import Column, Scalar

if TYPE_CHECKING:
    from deshi.evaluate.results import MetricInfo, Results, Row, Value

_ARROWS = {"higher": "↑", "lower": "↓", "none": ""}
_BESIDE = ("repetition", "top5-share")
"""Shown beside the primary metric without being asked: collapse is part of the result."""
_UNLESS_ZERO = ("non-emoji",)
"""Shown where some row is not at 0."""


@dataclass(frozen=True)
class Shown:
    """A column, and the value that it shows of a row."""

    column: Column
    value: Callable[[Row], Scalar]


def all_columns(results: Results, against: str | None) -> Iterator[Shown]:
    """Yield the columns from the most important to the least: a narrow terminal drops the last."""
    yield from _naming(results)
    yield from _scoring(results)
    yield from _differing(results, against)
    yield Shown(Column("tie"), lambda row: row.tie_group or ("–" if row.vocabulary else ""))
    yield Shown(Column("input"), _input)
    yield from _collapse(results)
    fine = all(row.status == "ok" or row.baseline for row in results.rows)
    yield Shown(Column("status", wide=fine), lambda row: row.status)
    yield Shown(Column("seeds", "right"), lambda row: row.seeds or None)
    yield from _costs(results)
    yield from _others(results)
    yield from _counts(results)


def _naming(results: Results) -> Iterator[Shown]:
    for axis in shown_axes(results):
        if axis == "student":
            yield Shown(Column(axis), _student)
        else:
            yield Shown(Column(axis), lambda row, axis=axis: row.cell.get(axis))  # type: ignore[misc]


def _student(row: Row) -> str:
    name = str(row.cell["student"])
    return f"– {name}" if row.baseline else name


def _scoring(results: Results) -> Iterator[Shown]:
    name = results.primary.name

    def shown(row: Row) -> str:
        found = row.metrics.get(name)
        smaller = found is not None and found.question == "artefact" and found.low is not None
        return interval_text(found) + ("†" if smaller else "")

    yield Shown(Column(_titled(results.primary), "right", decimals=3), value_of(name))
    yield Shown(Column("interval"), shown)


def _differing(results: Results, against: str | None) -> Iterator[Shown]:
    found_of = differences(results, against)

    def found(row: Row) -> Difference | None:
        return found_of.get(row.id)

    def value(row: Row) -> Scalar:
        return d.value if (d := found(row)) else None

    def ends(row: Row) -> str:
        d = found(row)
        return "" if d is None or d.low is None else f"[{d.low:+.3f}, {d.high:+.3f}]"

    name = "− chosen" if against else "− const."
    yield Shown(Column(name, "right", decimals=3, signed=True), value)
    yield Shown(Column("p"), lambda row: _verdict(row, found(row)))
    yield Shown(Column(f"{name} interval", wide=True), ends)
    yield Shown(
        Column("detectable", "right", wide=True, decimals=3),
        lambda row: d.least if (d := found(row)) else None,
    )
    yield Shown(
        Column("p, runs relabelled", wide=True),
        lambda row: p_text(d.p_relabelling) if (d := found(row)) else "",
    )


def _verdict(row: Row, found: Difference | None) -> str:
    """Return p after Holm, or a dash where no verdict is possible; a made baseline is not tested."""
    if found is None or row.vocabulary is None:
        return ""
    return "–" if found.p is None else p_text(found.p)


def _input(row: Row) -> str:
    """Say whether shuffled answers would have done worse; a row whose would not is marked."""
    dependence = row.input_dependence
    if dependence is None or dependence["p"] is None:
        return ""
    return p_text(dependence["p"]) + (" FAILS" if fails_input(row) else "")


def _collapse(results: Results) -> Iterator[Shown]:
    """Yield what diversity says, the effective emoji beside the gold's."""
    known = {metric.name: metric for metric in results.metrics[1:]}

    def used(row: Row) -> str:
        own, gold = effective(results, row)
        if own is None:
            return ""
        mark = " FEW" if is_collapsed(results, row) else ""
        return f"{own:.0f} of {gold:.0f}{mark}" if gold is not None else f"{own:.0f}"

    if EFFECTIVE in known:
        yield Shown(Column("effective emoji", "right"), used)
    for name in (*_BESIDE, *_UNLESS_ZERO):
        if name in known:
            rows = (row.metrics[name].value for row in results.rows if name in row.metrics)
            wide = name in _UNLESS_ZERO and not any(rows)
            column = Column(_titled(known[name]), "right", wide=wide, decimals=3)
            yield Shown(column, value_of(name))


def _costs(results: Results) -> Iterator[Shown]:
    """Yield what labels cost; where nothing was paid, only among all columns."""
    free = not any(row.cost_usd for row in results.rows)

    def cost(row: Row) -> Scalar:
        return usd(row.cost_usd) if row.status == "ok" else None

    def each(row: Row) -> Scalar:
        return usd(row.usd_per_1000) if row.usd_per_1000 is not None else None

    yield Shown(Column("labels, USD", "right", wide=free), cost)
    yield Shown(Column("USD per 1,000", "right", wide=True), each)


def usd(amount: float) -> str:
    """Return an amount in USD as text: cents, or as many digits as a small one needs."""
    if amount == 0 or amount >= 1:
        return f"{amount:.2f}"
    return f"{amount:.3g}" if amount >= 0.0001 else f"{amount:.1e}"


def _others(results: Results) -> Iterator[Shown]:
    """Yield all other metrics, each with its interval, and the intervals of those shown before."""
    shown = (*_BESIDE, *_UNLESS_ZERO)
    for metric in results.metrics[1:]:
        if metric.name not in shown:
            column = Column(_titled(metric), "right", wide=True, decimals=3)
            yield Shown(column, value_of(metric.name))
        column = Column(f"{metric.name} interval", wide=True)
        yield Shown(column, lambda row, name=metric.name: interval_text(row.metrics.get(name)))  # type: ignore[misc]


def _counts(results: Results) -> Iterator[Shown]:
    name = results.primary.name

    def numbers(title: str, value: Callable[[Row], Scalar], decimals: int | None = None) -> Shown:
        return Shown(Column(title, "right", wide=True, decimals=decimals), value)

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
    if "train" not in shown_axes(results):
        yield numbers("train", lambda row: row.n_train)
    yield numbers("test", lambda row: row.n_test)
    yield numbers("coverage", lambda row: row.coverage, 2)
    yield numbers("seconds", lambda row: row.seconds if row.status == "ok" else None, 1)
    yield Shown(Column("reason", wide=True), lambda row: row.reason)


def _titled(metric: MetricInfo) -> str:
    return f"{metric.name} {_ARROWS[metric.direction]}".strip()


def value_of(name: str) -> Callable[[Row], Scalar]:
    """Return what reads a row's value of a metric; None where it has none."""
    return lambda row: found.value if (found := row.metrics.get(name)) else None


def interval_text(found: Value | None, decimals: int = 3) -> str:
    """Return an interval as text, a dash where it is undefined, nothing without a value."""
    if found is None or found.value is None:
        return ""
    if found.low is None or found.high is None:
        return "–"
    return f"[{found.low:.{decimals}f}, {found.high:.{decimals}f}]"


def p_text(p: float | None) -> str:
    """Return a p value as text; never 0."""
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"
