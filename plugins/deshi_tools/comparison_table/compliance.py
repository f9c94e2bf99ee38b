"""How well the teachers kept to their prompts' rules, in a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.results import DataFigures

_TASKS = {"rewrite": "rewrites", "label": "labels"}


def compliance_lines(figures: DataFigures) -> Iterator[str]:
    """Yield a line for each task whose rules some answer broke, the most frequent first."""
    found: Mapping[str, Mapping[str, int]] = figures.notes.get("compliance") or {}
    for task, counts in found.items():
        broken = {k: n for k, n in counts.items() if k not in ("answers", "compliant")}
        if not broken:
            continue
        ranked = sorted(broken.items(), key=lambda item: (-item[1], item[0]))
        told = ", ".join(f"{rule} {count}" for rule, count in ranked)
        kept = counts.get("compliant", 0)
        yield (
            f"{figures.title}: {kept} of {counts['answers']} {_TASKS.get(task, task)} kept every "
            f"rule of the prompt ({told})."
        )
