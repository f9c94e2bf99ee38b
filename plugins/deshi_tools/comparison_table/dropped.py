"""What was dropped on the way from the corpus to labelled texts, in a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.results import DataFigures, Results

_NEAR_TEST = "near-test"


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
