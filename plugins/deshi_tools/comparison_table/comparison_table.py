"""The comparison table: a section per comparison group, baselines under the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from deshi.results import AXES
from deshi_tools.comparison_table.columns import RowColumn, all_columns
from deshi_tools.comparison_table.notes import notes
from deshi_tools.comparison_table.verdicts import gold_of, verdicts
from deshi_tools.tables.formats import to_html, to_markdown
from deshi_tools.tables.table import Line, Style, Table

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi_tools.results_view.results_view import Group, ResultsView


def comparison_table(view: ResultsView) -> Table:
    """Return the table of a run, with differences to the chosen row or the majority baseline."""
    columns = list(all_columns(view))
    return Table(
        title=f"{view.results.run}: {view.primary.summary}",
        columns=tuple(replace(c.column, fixed=c.column.name != "reason") for c in columns),
        lines=tuple(line for group in view.groups for line in _lines(view, group, columns)),
        summary=tuple(verdicts(view)),
        caption=caption(view),
        notes=tuple(notes(view)),
    )


def comparison_text(view: ResultsView, form: Literal["html", "markdown"]) -> str:
    """Return the table as a notebook shows it, or as Markdown: the view `comparison-text`."""
    table = comparison_table(view)
    return to_html(table.shown(wide=False)) if form == "html" else to_markdown(table)


def _lines(view: ResultsView, group: Group, columns: Sequence[RowColumn]) -> Iterator[Line]:
    for at, row in enumerate(group.rows):
        section = heading(view, group) if at == 0 else ""
        yield Line(tuple(column.value(row) for column in columns), _style(view, row), section)


def heading(view: ResultsView, group: Group) -> str:
    """Return the heading of a group: test texts, gold, and why it is not ranked with the first."""
    if not group.id:
        return "cannot run"
    first = group.rows[0]
    corpora = sorted({str(row.cell["corpus"]) for row in group.rows})
    teachers = sorted({str(row.cell["teacher"]) for row in group.rows})
    labelled = "" if teachers == [first.gold] else f", trained on labels of {' or '.join(teachers)}"
    sizes = next((row for row in group.rows if row.n_test is not None), None)
    on = f", {sizes.n_test} test texts in {sizes.n_documents} documents" if sizes else ""
    parts = [f"{' '.join(corpora)}: evaluated against {gold_of(first)}{labelled}{on}"]
    own = _gold_diversity(view.results.groups.get(group.id, {}))
    parts += [f"the gold's own: {own}"] if own else []
    parts += (
        [f"not ranked with the first: {why}"] if (why := _not_ranked(group, view.groups[0])) else []
    )
    return "; ".join(parts)


def _gold_diversity(figures: Mapping[str, float | None]) -> str:
    """Return the gold's own diversity, to read the rows' beside."""
    named = {"effective-emoji": "{:.0f} effective emoji", "top5-share": "top-5 share {:.2f}"}
    known = {name: figures.get(name) for name in named}
    return ", ".join(named[name].format(v) for name, v in known.items() if v is not None)


def _not_ranked(group: Group, first: Group) -> str:
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
    """Return the legend: what each column shows, and how it was computed."""
    resamples = view.results.benchmark["resamples"]
    name, other, family = (
        ("chosen", view.against.id, "all pairs")
        if view.against
        else ("maj.", "the majority baseline", "the rows")
    )
    return (
        f"Interval: 95 %, bootstrap over documents and training runs ({resamples} resamples, widened "
        f"to t): retrained models on new texts; †: these fixed models on new texts. "
        f"vs {name}: difference to {other}; p: of that difference, two-level t, Holm over {family}. "
        "sig.: rows that share a significance letter cannot be distinguished, Holm over all pairs; "
        "the top group is bold; – is no test. input p: permutation test that predictions shuffled "
        "over documents score as well; FAILS: the row ignores its input. "
        "FEW: below a quarter of the gold's effective emoji. – before a name marks baselines: the "
        "majority baseline (constant), the permutation baseline (shuffled), teacher self-agreement "
        "(ceiling), others. Overlapping intervals are no test."
    )
