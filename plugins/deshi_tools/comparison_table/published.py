"""`[published]`: figures that others reported for such a benchmark, shown beside the run's own.

[published]
source = "the study, its version 3"
differs = ["its split was by sentence"]

[[published.values]]
row = "t5-base-ja"
metric = "jaccard"
value = 0.0449
n = 500
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import msgspec

from deshi.api import Json, UsageError


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One reported figure: of a row, named by a part of its id, on `n` test texts."""

    row: str
    metric: str
    value: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Published:
    """Figures with their source; `differs` says in which ways the run here is another one."""

    source: str
    values: tuple[Figure, ...]
    differs: tuple[str, ...] = ()


def read_published(path: str, table: Json, _axes: object) -> dict[str, Json]:
    """Return what results keep of `[published]`.

    Raises:
        UsageError: a key is missing or has a wrong value.
    """
    try:
        return dataclasses.asdict(msgspec.convert(table, Published, strict=True))
    except msgspec.ValidationError as error:
        raise UsageError(
            str(error), where=f"{path}: [published]", fix="see docs/benchmarks.md"
        ) from None
