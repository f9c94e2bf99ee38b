"""The `[abandon]` table: rows that are hopeless on the validation texts get no further training runs.

[abandon]
after = 1        # training runs of every row, before any is given up
p = 0.01         # how sure it has to be that a row is worse than the best one
margin = 0.02    # by more than this much of the primary metric
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from deshi.api import Help, Json, UsageError, nearest


@dataclass(frozen=True, kw_only=True)
class Abandon:
    """When a row is given up: as long as nothing is known of it but its validation texts."""

    after: Annotated[int, Help("Training runs of each row before any is given up.", ge=1)] = 1
    p: Annotated[
        float, Help("Level of the test that a row is worse than the best.", gt=0, lt=1)
    ] = 0.01
    margin: Annotated[float, Help("It has to be worse by more than this.", ge=0)] = 0.0

    def plain(self) -> dict[str, Json]:
        """Return what results keep."""
        return dataclasses.asdict(self)


def read_abandon(path: str, table: Json, seeds: int) -> Abandon:
    """Read `[abandon]` of a benchmark with so many seeds.

    Raises:
        UsageError: a key is unknown or has a wrong value, or there is no run to save.
    """
    where = f"{path}: [abandon]"
    if not isinstance(table, Mapping):
        raise UsageError("is no table", where=where, mend="write [abandon] and its keys under it")
    names = [field.name for field in dataclasses.fields(Abandon)]
    for key in table:
        if key not in names:
            raise UsageError(f"unknown key '{key}'", where=where, mend=nearest(key, names))
    try:
        found = msgspec.convert(dict(table), Abandon)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$.")
        key = at.rstrip("`")
        raise UsageError(f"{key}: {what}", where=where, mend="see docs/benchmarks.md") from None
    if found.after >= seeds:
        raise UsageError(
            f"after = {found.after} leaves no run to save",
            where=where,
            mend=f"it must be below the seeds of [benchmark], which are {seeds}",
        )
    return found
