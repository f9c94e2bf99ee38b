"""The tables of `deshi check`: all checks of one component, or a line for each of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deshi_tools.tables.table import Column, Line, Style, Table

if TYPE_CHECKING:
    from deshi.testing.report import Report, Result

_STYLES: dict[str, Style] = {
    "ok": "",
    "failed": "red",
    "unexpected": "red",
    "expected": "yellow",
    "n/a": "dim",
}


def checks_table(report: Report) -> Table:
    """Return a line a check: what came of it, and how to fix it where it failed."""
    columns = (
        Column("check", fixed=True),
        Column("verdict", fixed=True),
        Column("result"),
        Column("fix"),
        Column("requirement", wide=True),
    )
    lines = tuple(_line(result, report.results[:at]) for at, result in enumerate(report.results))
    title = f"{report.kind} {report.component}"
    return Table(title, columns, lines, summary=(f"{report.counts}.",))


def overview_table(reports: Sequence[Report], passed_over: Sequence[tuple[str, str, str]]) -> Table:
    """Return a line a component with the counts of its checks, then what was skipped and why."""
    columns = (
        Column("kind"),
        Column("component", fixed=True),
        Column("run", "right"),
        Column("n/a", "right"),
        Column("failed", "right"),
        Column("result"),
    )
    lines = [_overview(report) for report in reports]
    lines += [Line((kind, name, None, None, None, why), "dim") for kind, name, why in passed_over]
    good = sum(report.is_good for report in reports)
    total = sum(report.run for report in reports)
    says = (
        f"{good} of {len(reports)} components pass, by {total} checks; {len(passed_over)} were "
        "skipped."
    )
    return Table("Checks", columns, tuple(lines), summary=(says,))


def _line(result: Result, before: Sequence[Result]) -> Line:
    """Return the line of a check; what was told above is not told again."""
    failed = result.verdict == "failed"
    told = failed and any(one.verdict == "failed" and one.reason == result.reason for one in before)
    came = "see above" if told else result.reason
    fix = result.check.fix if failed and not told and not result.crashed else ""
    values = (result.check.id, result.verdict, came, fix, result.check.sentence)
    return Line(values, _STYLES[result.verdict])


def _overview(report: Report) -> Line:
    bad = [result for result in report.results if result.is_bad]
    came = "; ".join(f"{result.check.id}: {result.reason}" for result in bad)
    if report.run < report.least:
        came = f"too few checks: at least {report.least} always run"
    away = len(report.results) - report.run
    values = (report.kind, report.component, report.run, away, len(bad), came)
    return Line(values, "" if report.is_good else "red")
