"""What was dropped on the way from the corpus to labelled texts: as a table, and as a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deshi.report.table import Scalar, Table, table_of

if TYPE_CHECKING:
    from deshi.evaluate.results import DataFigures, Results

_NEAR_TEST = "near-test"


def dropped_table(results: Results) -> Table:
    """Return what was dropped from each corpus and by each teacher's filters, and why."""
    lines: list[Sequence[Scalar]] = []
    for figures in results.data:
        kept = sum(figures.kept.values())
        lines.append((figures.title, "kept", kept))
        lines += [(figures.title, reason, count) for reason, count in figures.dropped.items()]
        if figures.notes.get("surplus"):
            lines.append((figures.title, "not needed (size reached)", figures.notes["surplus"]))
    return table_of("What was kept and dropped", ("stage", "filter: reason", "texts"), lines)


def dropped_line(figures: DataFigures) -> str:
    """Return one line that tells what a stage kept and dropped."""
    total = sum(figures.dropped.values())
    top = sorted(figures.dropped.items(), key=lambda item: -item[1])
    reasons = ", ".join(f"{reason} {count}" for reason, count in top)
    parts = ", ".join(f"{figures.kept[part]} {part}" for part in ("train", "valid", "test"))
    return f"{figures.title}: {parts}; dropped {total}" + (f" ({reasons})" if reasons else "")


def near_test_line(results: Results) -> Iterator[str]:
    """Yield how many texts were dropped because they nearly equal a test text."""
    found = {
        figures.title: sum(
            count for reason, count in figures.dropped.items() if reason.endswith(f": {_NEAR_TEST}")
        )
        for figures in results.data
    }
    if any(found.values()):
        where = ", ".join(f"{title} {count}" for title, count in found.items() if count)
        yield (
            f"near-test: {sum(found.values())} training or validation texts nearly equalled a test text "
            f"and were dropped ({where})."
        )
