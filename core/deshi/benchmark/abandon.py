"""The `[abandon]` table: rows that are hopeless on the validation texts get no further training runs.

[abandon]
after = 1        # training runs of every row, before any is abandoned
p = 0.01         # how sure it has to be that a row is worse than the best one
margin = 0.02    # by more than this much of the primary metric
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated

from deshi.api import Help, Json, UsageError
from deshi.benchmark.tables import read_table


@dataclass(frozen=True, kw_only=True)
class Abandon:
    """When a row is abandoned: as long as nothing is known of it but its validation texts."""

    after: Annotated[int, Help("Training runs per row before any row is abandoned.", ge=1)] = 1
    p: Annotated[
        float, Help("Level of the test that a row is worse than the best.", gt=0, lt=1)
    ] = 0.01
    margin: Annotated[float, Help("Only rows worse by more than this are abandoned.", ge=0)] = 0.0

    def plain(self) -> dict[str, Json]:
        """Return what results keep."""
        return dataclasses.asdict(self)


def read_abandon(path: str, table: Json, seeds: int) -> Abandon:
    """Read `[abandon]` of a benchmark with so many seeds."""
    where = f"{path}: [abandon]"
    found = read_table(table, Abandon, where=where, page="benchmarks.md")
    if found.after >= seeds:
        raise UsageError(
            f"after = {found.after} leaves no run to save",
            where=where,
            fix=f"it must be below the number of seeds in [benchmark], which is {seeds}",
        )
    return found
