"""Figures that others published for such a benchmark, beside the run's own, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deshi.results import Results, Row


def published_lines(results: Results) -> Iterator[str]:
    """Yield one sentence a published figure, then what keeps it from being the same experiment."""
    known: Mapping[str, Any] | None = results.benchmark.get("published")
    if known is None:
        return
    for figure in known["values"]:
        rows = [row for row in results.rows if _is(row, figure["row"])]
        told = "; ".join(_here(row, figure["metric"]) for row in rows) or "no row of that name here"
        yield (
            f"published: {figure['row']} {figure['metric']} {figure['value']:.4g} on {figure['n']} "
            f"texts ({known['source']}). Here: {told}."
        )
    scale = results.benchmark.get("scale")
    differs = [*known["differs"]]
    if scale:
        differs.insert(0, f"scale '{scale}': other sizes, and what is at hand for what was used")
    if differs:
        yield f"what differs from what was published: {'; '.join(differs)}."


def _is(row: Row, name: str) -> bool:
    return row.status == "ok" and not row.baseline and name in row.id


def _here(row: Row, metric: str) -> str:
    found = row.metrics.get(metric)
    if found is None or found.value is None:
        return f"{row.id} has none"
    around = "" if found.low is None else f" [{found.low:.3f}, {found.high:.3f}]"
    return f"{row.id} {found.value:.3f}{around} on {row.n_test} texts"
