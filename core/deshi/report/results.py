"""Turn results into the table of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from deshi.evaluate.comparisons import ALPHA
from deshi.evaluate.results import DataFigures, MetricInfo, Results, Row, Value
from deshi.report.table import Column, Line, Scalar, Style, Table

_ARROWS = {"higher": "↑", "lower": "↓", "none": ""}
_MORE = ("effective-emoji", "repetition")
"""Shown beside the primary metric where they were computed: collapse is part of the result."""


def comparison_table(results: Results) -> Table:
    """Return the table of a run: a section a comparison group, baselines under the rows."""
    axes = _shown_axes(results)
    lines = [
        line
        for group in dict.fromkeys(row.group for row in results.rows)
        for line in _group_lines(results, group, axes)
    ]
    return Table(
        title=f"{results.run}: {results.primary.summary}",
        columns=tuple(_columns(results, axes)),
        lines=tuple(lines),
        caption=_caption(results),
        notes=tuple(_notes(results)),
    )


def dropped_line(figures: DataFigures) -> str:
    """Return one line that tells what a stage kept and dropped."""
    total = sum(figures.dropped.values())
    top = sorted(figures.dropped.items(), key=lambda item: -item[1])
    reasons = ", ".join(f"{reason} {count}" for reason, count in top)
    parts = ", ".join(f"{figures.kept[part]} {part}" for part in ("train", "valid", "test"))
    return f"{figures.title}: {parts}; dropped {total}" + (f" ({reasons})" if reasons else "")


def _shown_axes(results: Results) -> list[str]:
    """Return the axes that tell rows apart, `teacher` aside where it names the group."""
    axes = []
    for axis in ("corpus", "chain", "rewriter", "teacher", "student", "loss", "gold"):
        values = {row.cell[axis] for row in results.rows}
        if (
            axis == "student"
            or (axis == "loss" and values != {None})
            or (
                len(values) > 1
                and any(
                    len({r.cell[axis] for r in results.rows if r.group == row.group and r.group})
                    > 1
                    for row in results.rows
                )
            )
        ):
            axes.append(axis)
    return axes


def _columns(results: Results, axes: Sequence[str]) -> Iterator[Column]:
    return (
        replace(column, fixed=column.name != "status") for column in _all_columns(results, axes)
    )


def _all_columns(results: Results, axes: Sequence[str]) -> Iterator[Column]:
    for axis in axes:
        yield Column(axis)
    primary = results.primary
    yield Column(f"{primary.name} {_ARROWS[primary.direction]}".strip(), "right", decimals=3)
    yield Column("95 % interval", "right")
    yield Column("− constant", "right")
    yield Column("tie")
    yield Column("input")
    for metric in _beside(results):
        wide = metric.name not in (*_MORE, results.metrics[1].name)
        yield Column(
            f"{metric.name} {_ARROWS[metric.direction]}".strip(), "right", wide=wide, decimals=3
        )
        yield Column(f"{metric.name} 95 % interval", "right", wide=True)
    yield Column("restricted", "right", wide=True, decimals=3)
    yield Column("seeds", "right")
    yield Column("train", "right", wide=True)
    yield Column("test", "right", wide=True)
    yield Column("coverage", "right", wide=True, decimals=2)
    yield Column("seconds", "right", wide=True, decimals=1)
    yield Column("status", wide=all(row.status == "ok" for row in results.rows))


def _beside(results: Results) -> list[MetricInfo]:
    """Return the other metrics, diversity first: it must not fall off a narrow terminal."""
    return sorted(results.metrics[1:], key=lambda metric: metric.name != _MORE[0])


def _group_lines(results: Results, group: str, axes: Sequence[str]) -> Iterator[Line]:
    rows = [row for row in results.rows if row.group == group]
    for at, row in enumerate(rows):
        section = _heading(results, rows) if at == 0 else ""
        yield Line(
            tuple(_values(results, row, axes, _constant_of(row, rows))), _style(row), section
        )


def _constant_of(row: Row, rows: Sequence[Row]) -> Row | None:
    """Return the constant that was taught by the same labels as a row."""

    def taught(cell: Mapping[str, str | None]) -> dict[str, str | None]:
        return {axis: label for axis, label in cell.items() if axis not in ("student", "loss")}

    constants = (r for r in rows if r.cell["student"] == "constant")
    return next((r for r in constants if taught(r.cell) == taught(row.cell)), None)


def _heading(results: Results, rows: Sequence[Row]) -> str:
    first = rows[0]
    if not first.group:
        return "cannot run"
    teachers = sorted({str(row.cell["teacher"]) for row in rows})
    gold = (
        "labels that came with the corpus"
        if first.gold == "reference"
        else f"{first.gold}'s labels"
    )
    corpora = sorted({str(row.cell["corpus"]) for row in rows})
    sizes = next((row for row in rows if row.n_test is not None), None)
    on = f", {sizes.n_test} test texts in {sizes.n_documents} documents" if sizes else ""
    taught = "" if teachers == [first.gold] else f", taught by {' or '.join(teachers)}"
    shown = f"{' '.join(corpora)}: judged against {gold}{taught}{on}"
    figures = results.groups.get(first.group, {})
    effective = figures.get("effective-emoji")
    return shown + (
        f"; the gold's effective number of emoji is {effective:.1f}" if effective else ""
    )


def _values(
    results: Results, row: Row, axes: Sequence[str], constant: Row | None
) -> Iterator[Scalar]:
    for axis in axes:
        label = row.cell[axis]
        yield f"{label} (baseline)" if axis == "student" and row.baseline else label
    primary = row.metrics.get(results.primary.name)
    yield primary.value if primary else None
    yield _interval(primary)
    yield _difference(primary, constant.metrics.get(results.primary.name) if constant else None)
    yield row.tie_group
    yield _input_mark(row)
    for metric in _beside(results):
        found = row.metrics.get(metric.name)
        yield found.value if found else None
        yield _interval(found)
    yield primary.restricted if primary else None
    yield row.seeds or None
    yield row.n_train
    yield row.n_test
    yield row.coverage
    yield row.seconds if row.status == "ok" else None
    yield row.status if row.status == "ok" else f"{row.status}: {row.reason}"


def _input_mark(row: Row) -> str:
    """Say whether shuffled answers would have done worse: `p=.001`, or `FAILS` where they would not."""
    dependence = row.input_dependence
    if dependence is None or dependence["p"] is None:
        return ""
    shown = f"p={dependence['p']:.3f}"
    return shown if dependence["p"] <= ALPHA else f"{shown} FAILS"


def _interval(found: Value | None) -> str:
    if found is None or found.value is None:
        return ""
    if found.low is None or found.high is None:
        return "–"
    return f"[{found.low:.3f}, {found.high:.3f}]"


def _difference(found: Value | None, constant: Value | None) -> str:
    if found is None or constant is None or found is constant:
        return ""
    if found.value is None or constant.value is None:
        return ""
    return f"{found.value - constant.value:+.3f}"


def _style(row: Row) -> Style:
    if row.status == "failed":
        return "red"
    if _is_top(row) and not row.baseline:
        return "bold"
    return "dim" if row.baseline or row.status == "n/a" else ""


def _is_top(row: Row) -> bool:
    """Say whether a row shares the letter of its group's best row."""
    letters = row.tie_group or ""
    return "a" in (letters.split(",") if "," in letters else list(letters))


def _caption(results: Results) -> str:
    resamples = results.benchmark["resamples"]
    return (
        f"Interval: 95 %, bootstrap over documents ({resamples} resamples, stretched to a t "
        "interval), seeds averaged: these trained models on new texts, not new training runs. "
        "Overlap is no test of a difference."
    )


def _notes(results: Results) -> Iterator[str]:
    yield from _verdicts(results)
    shuffled = [row.reason for row in results.rows if row.cell["student"] == "shuffled"]
    if shuffled:
        yield f"shuffled: {'; '.join(shuffled)}."
    for figures in results.data:
        yield dropped_line(figures) + "."
    for line in results.warnings:
        yield f"warning: {line}."
    signatures = "; ".join(f"{metric.name}|{metric.signature}" for metric in results.metrics)
    yield f"signatures: {signatures}; each with {_common_signature(results)}"


def _verdicts(results: Results) -> Iterator[str]:
    """Say in plain words what the letters mean, what is missing for a verdict, and what failed."""
    recipe = [c for c in results.comparisons if c.question == "recipe"]
    if not recipe:
        return
    tested = [c for c in recipe if c.p is not None]
    yield (
        f"tie: rows that share a letter cannot be told apart on {results.primary.name} by new training "
        f"runs and texts (two-level t, Holm over all pairs of a group); the top group is bold."
    )
    if len(tested) < len(recipe):
        reason = next(c.reason for c in recipe if c.p is None)
        yield f"{len(recipe) - len(tested)} of {len(recipe)} pairs have no verdict: {reason}."
    least = [c.smallest_detectable for c in tested if c.smallest_detectable is not None]
    if least:
        yield (
            f"The smallest difference that these tests would find in four of five cases is "
            f"{min(least):.3f} to {max(least):.3f}, by pair."
        )
    fails = [row.id for row in results.rows if _input_mark(row).endswith("FAILS")]
    if fails:
        yield (
            "input: the answers of these rows, shuffled over the texts, would have scored as well: "
            f"{', '.join(fails)}."
        )


def _common_signature(results: Results) -> str:
    """Return what all numbers of a run have in common, in the manner of sacreBLEU."""
    emoji = results.provenance["emoji"]
    return (
        f"emoji:{emoji['version']}-{emoji['inventory'][:8]}|seeds:{results.benchmark['seeds']}"
        f"|boot:{results.benchmark['resamples']}|deshi:{results.provenance['deshi']}"
    )
