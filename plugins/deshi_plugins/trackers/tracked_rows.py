"""A run's results for trackers: per row a name, settings and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.api import Json

PROJECT = "deshi"
"""The default name of a tracker's project or experiment."""

_ABOUT = ("status", "reason", "group", "gold", "baseline", "n_train", "n_test", "seeds")
_FIGURES = ("coverage", "cost_usd", "seconds")


@dataclass(frozen=True)
class TrackedRow:
    """One row: the settings and status of its cell, and its numbers by name."""

    name: str
    settings: Mapping[str, Json]
    numbers: Mapping[str, float]


def tracked_rows(results: Mapping[str, Json]) -> Iterator[TrackedRow]:
    """Yield every row, failed and n/a ones without numbers of metrics.

    A metric gives `NAME`, and `NAME.low` and `NAME.high`, its 95 % interval; what is undefined is left
    out. The settings have each metric's signature, which makes its numbers comparable with others.
    """
    signatures = {f"{info['name']}.signature": info["signature"] for info in results["metrics"]}
    for row in results["rows"]:
        settings = {"run": results["run"], **row["cell"], **{key: row[key] for key in _ABOUT}}
        yield TrackedRow(
            name=row["id"],
            settings={
                key: value for key, value in {**settings, **signatures}.items() if value != ""
            },
            numbers={
                key: float(v) for key, v in _numbers(row) if v is not None and math.isfinite(v)
            },
        )


def _numbers(row: Mapping[str, Json]) -> Iterator[tuple[str, float | None]]:
    for name, value in row["metrics"].items():
        yield name, value["value"]
        yield f"{name}.low", value["low"]
        yield f"{name}.high", value["high"]
    for name in _FIGURES:
        yield name, row[name]
    if row["input_dependence"]:
        yield "input-dependence.p", row["input_dependence"]["p"]
