"""From what was read to what was kept: each stage of the data as a waterfall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deshi.api import Json

if TYPE_CHECKING:
    from deshi.results import DataFigures, Results


def waterfall(results: Results) -> Iterator[dict[str, Json]]:
    """Yield one record a stage: its steps, each with a kind, a label and a number of texts."""
    for figures in results.data:
        yield {"title": figures.title, "steps": [list(step) for step in _steps(figures)]}


def _steps(figures: DataFigures) -> Iterator[tuple[str, str, int]]:
    dropped = sorted(figures.dropped.items(), key=lambda item: -item[1])
    surplus = figures.notes.get("surplus") or 0
    kept = sum(figures.kept.values())
    total = figures.notes.get("read") or kept + sum(count for _, count in dropped)
    yield "total", "read" if figures.stage == "split" else "received", total
    for reason, count in dropped:
        yield "dropped", reason, count
    if surplus:
        yield "surplus", "not needed (size reached)", surplus
    for part in ("train", "valid", "test"):
        yield "kept", part, figures.kept[part]
