"""The table of what was dropped and edited: counts by stage, place, filter and reason, and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from deshi.api import UsageError, nearest
from deshi.results import DataFigures, DecisionCount, Results
from deshi.stages.decision_log import count_decisions, decisions_file
from deshi.workspace.store import Store
from deshi_tools.comparison_table.decisions import DecisionFilter, examples
from deshi_tools.tables.table import Column, Line, Table

_COLUMNS = (
    Column("place"),
    Column("filter"),
    Column("reason"),
    Column("texts", "right"),
    Column("detail"),
    Column("text"),
)
_LONGEST = 200
_VISIBLE = str.maketrans({"\n": "⏎", "\r": "⏎", "\t": "⇥"})


def decisions_table(results: Results, store: Store, selection: DecisionFilter, each: int) -> Table:
    """Return a section a stage, a line a count, and under it `each` texts, as long as they are there.

    Lines of examples have no number, so that a column of numbers can be summed.

    Raises:
        UsageError: no decision has the filter or the reason that was asked for.
    """
    data = [_with_counts(figures, store) for figures in results.data]
    _check([count for figures in data for count in figures.decisions], selection, results.run)
    titles = _titles(data)
    lines: list[Line] = []
    gone: list[str] = []
    for figures in data:
        title = titles[figures.address]
        counts = list(filter(selection.has, figures.decisions))
        file = decisions_file(store, figures.address)
        if file is None and figures.dropped:
            gone.append(title)
        texts = examples(file, counts, each) if file is not None else {}
        found = _sizes(figures) if selection.everything else []
        for count in counts:
            found.append(Line((*_cells(count), count.texts, "", "")))
            for one in texts.get(count, ()):
                shown = (one_line(one.detail), one_line(one.text))
                found.append(Line((*_cells(count), None, *shown), "dim"))
        lines += [replace(line, section="" if at else title) for at, line in enumerate(found)]
    return Table("What was kept, dropped and edited", _COLUMNS, tuple(lines), tuple(_notes(gone)))


def _with_counts(figures: DataFigures, store: Store) -> DataFigures:
    """Count decisions that the results do not, having been saved by a deshi that did not yet."""
    file = decisions_file(store, figures.address)
    if figures.decisions or file is None:
        return figures
    return msgspec.structs.replace(figures, decisions=count_decisions(file))


def _check(counts: Sequence[DecisionCount], selection: DecisionFilter, run: str) -> None:
    if selection.everything or any(map(selection.has, counts)):
        return
    for what, asked, names in (
        ("filter", selection.filter, {count.filter for count in counts}),
        ("reason", selection.reason, {count.reason for count in counts if count.reason}),
    ):
        if asked is not None and asked not in names:
            raise UsageError(
                f"no decision of this run has the {what} '{asked}'",
                where=run,
                fix=nearest(asked, sorted(names)),
            )
    raise UsageError(
        f"filter '{selection.filter}' dropped nothing for the reason '{selection.reason}'",
        where=run,
        fix="leave out --filter or --reason",
    )


def _titles(data: Sequence[DataFigures]) -> Mapping[str, str]:
    """Return what each stage is called here: its title, with a piece of its key where two share it."""
    shared = Counter(figures.title for figures in data)
    return {
        f.address: f.title if shared[f.title] == 1 else f"{f.title} {f.address.split('/')[1][:8]}"
        for f in data
    }


def _sizes(figures: DataFigures) -> list[Line]:
    lines = [Line(("", "", "kept", sum(figures.kept.values()), "", ""))]
    if surplus := figures.notes.get("surplus"):
        lines.append(Line(("", "", "not needed (size reached)", surplus, "", "")))
    return lines


def _cells(count: DecisionCount) -> tuple[str, str, str]:
    reason = count.reason if count.verdict == "drop" else "(edited)"
    return count.place, count.filter, reason


def one_line(text: str) -> str:
    """Return a text for one cell of a table: on one line, and no longer than can be read there."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
    return cut.translate(_VISIBLE)


def _notes(gone: list[str]) -> Iterator[str]:
    if gone:
        yield (
            f"The texts of {', '.join(gone)} were removed with their artefact; the counts stay. "
            "Run the benchmark again to restore them."
        )
