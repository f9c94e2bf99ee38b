"""Turn results into the comparison table: a section a comparison group, baselines under the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from deshi.cli.table import Line, Style, Table
from deshi.results import AXES
from deshi_tools.comparison_table.columns import Shown, all_columns
from deshi_tools.comparison_table.compliance import compliance_lines
from deshi_tools.comparison_table.dropped import dropped_line, near_test_line
from deshi_tools.comparison_table.published import published_lines
from deshi_tools.comparison_table.verdicts import gold_of, verdicts

if TYPE_CHECKING:
    from deshi.results import Results, Row
    from deshi.runs.results_view import Group, ResultsView


def comparison_table(view: ResultsView) -> Table:
    """Return the table of a run, each row with its difference to the one that it is compared with."""
    columns = list(all_columns(view))
    return Table(
        title=f"{view.results.run}: {view.primary.summary}",
        columns=tuple(replace(c.column, fixed=c.column.name != "reason") for c in columns),
        lines=tuple(line for group in view.groups for line in _lines(view, group, columns)),
        summary=tuple(verdicts(view)),
        caption=caption(view),
        notes=tuple(notes(view)),
    )


def _lines(view: ResultsView, group: Group, columns: Sequence[Shown]) -> Iterator[Line]:
    for at, row in enumerate(group.rows):
        section = heading(view, group) if at == 0 else ""
        yield Line(tuple(column.value(row) for column in columns), _style(view, row), section)


def heading(view: ResultsView, group: Group) -> str:
    """Return what tells a group from others: texts, gold, and why it is not ranked with the first."""
    if not group.id:
        return "cannot run"
    first = group.rows[0]
    corpora = sorted({str(row.cell["corpus"]) for row in group.rows})
    teachers = sorted({str(row.cell["teacher"]) for row in group.rows})
    taught = "" if teachers == [first.gold] else f", taught by {' or '.join(teachers)}"
    sizes = next((row for row in group.rows if row.n_test is not None), None)
    on = f", {sizes.n_test} test texts in {sizes.n_documents} documents" if sizes else ""
    parts = [f"{' '.join(corpora)}: judged against {gold_of(first)}{taught}{on}"]
    own = _own(view.results.groups.get(group.id, {}))
    parts += [f"the gold's own: {own}"] if own else []
    parts += [f"not ranked with the first: {why}"] if (why := _apart(group, view.groups[0])) else []
    return "; ".join(parts)


def _own(figures: Mapping[str, float | None]) -> str:
    """Return what the gold itself shows where that is not plain: what diversity is read beside."""
    named = {"effective-emoji": "{:.0f} effective emoji", "top5-share": "top-5 share {:.2f}"}
    known = {name: figures.get(name) for name in named}
    return ", ".join(named[name].format(v) for name, v in known.items() if v is not None)


def _apart(group: Group, first: Group) -> str:
    """Say why a group is not ranked with the first one."""
    if group is first or not first.id:
        return ""
    one, other = group.rows[0], first.rows[0]
    axes = [axis for axis in AXES if axis not in ("student", "loss", "teacher", "gold", "train")]
    reasons = [f"another {axis}" for axis in axes if one.cell.get(axis) != other.cell.get(axis)]
    reasons += ["other labels"] if one.gold != other.gold else []
    return ", ".join(reasons) or "other test texts"


def _style(view: ResultsView, row: Row) -> Style:
    if row.status == "failed":
        return "red"
    if view.is_top(row):
        return "bold"
    return "dim" if row.baseline or row.status == "n/a" else ""


def caption(view: ResultsView) -> str:
    """Return the legend: what each column says, and what it does not."""
    resamples = view.results.benchmark["resamples"]
    name, other, family = (
        ("chosen", view.against.id, "all pairs")
        if view.against
        else ("const.", "the constant", "the rows")
    )
    return (
        f"Interval: 95 %, bootstrap over documents and training runs ({resamples} resamples, widened "
        f"to t): newly trained models on new texts; †: these very models on new texts. "
        f"− {name}: difference to {other}; p: of that difference, two-level t, Holm over {family}. "
        "tie: rows that share a letter cannot be told apart, Holm over all pairs; the top group is "
        "bold; – is no test. input: p that answers shuffled over documents score as well. "
        "FEW: below a quarter of the gold's effective emoji. – before a name marks baselines. "
        "Overlapping intervals are no test."
    )


def notes(view: ResultsView) -> Iterator[str]:
    """Yield warnings, reasons, what was dropped, and the signatures."""
    results = view.results
    yield from published_lines(results)
    for line in results.warnings:
        yield f"warning: {line}."
    for row in results.rows:
        if row.reason:
            yield f"{'' if row.status == 'ok' else f'{row.status}: '}{row.id}: {row.reason}."
    yield from _terms(results)
    if not any(row.input_dependence for row in results.rows):
        yield "no input test: it takes a metric whose best value is 1, such as jaccard."
    yield from _undefined(results)
    yield from _restricted(view)
    yield from near_test_line(results)
    for figures in results.data:
        yield dropped_line(figures) + "."
        yield from compliance_lines(figures)
    signatures = "; ".join(f"{metric.name}|{metric.signature}" for metric in results.metrics)
    yield f"signatures: {signatures}; each with {_common_signature(results)}"


def _terms(results: Results) -> Iterator[str]:
    """Tell which entries were permitted by a note, and which rows a server on this machine labelled."""
    for name, entry in results.provenance.get("entries", {}).items():
        terms = entry.get("terms")
        if "permit" in entry and terms:
            said = f"train-models = {terms['train_models']}, redistribute = {terms['redistribute']}"
            yield f"permitted: {name.replace('.', ' ', 1)} ({said}): {entry['permit']}."
    local = [row.id for row in results.rows if row.loopback]
    if local:
        yield (
            f"loopback: the labels of {', '.join(local)} come from a server on the machine itself, not "
            "from a provider; nobody's terms were applied."
        )


def _undefined(results: Results) -> Iterator[str]:
    """Say why rows have no value or no interval on the primary metric."""
    reasons: dict[str, list[str]] = {}
    for row in results.rows:
        found = row.metrics.get(results.primary.name)
        if found is not None and found.low is None:
            what = "no value" if found.value is None else "no interval"
            reasons.setdefault(f"{what}: {found.reason}", []).append(row.id)
    for reason, names in reasons.items():
        yield f"{reason} ({', '.join(names)})."


def _restricted(view: ResultsView) -> Iterator[str]:
    """Tell what rows score inside their own alphabets, where these differ: a figure never ranked."""
    for group in view.groups:
        rows = [row for row in group.rows if row.n_reachable is not None and not row.baseline]
        if len({row.n_reachable for row in rows}) < 2:
            continue
        told = [
            f"{view.name(row)} {value.restricted:.3f} on {row.n_reachable} of {row.n_test}"
            for row in rows
            if (value := row.metrics[view.primary.name]).restricted is not None
        ]
        inside = ", ".join(told)
        yield f"restricted to texts whose gold a row could have learned, never ranked: {inside}."


def _common_signature(results: Results) -> str:
    """Return what all numbers of a run have in common, in the manner of sacreBLEU."""
    emoji = results.provenance["emoji"]
    return (
        f"emoji:{emoji['version']}-{emoji['inventory'][:8]}|seeds:{results.benchmark['seeds']}"
        f"|boot:{results.benchmark['resamples']}|deshi:{results.provenance['deshi']}"
    )
