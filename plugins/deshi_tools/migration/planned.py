"""The `[migration]` table: which teacher takes whose place, and what has to hold for that."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from deshi.api import Help, Json, UsageError, nearest
from deshi.benchmark.settings import read_table


@dataclass(frozen=True, kw_only=True)
class Accept:
    """`[migration.accept]`: each key is one condition; one that is left out is not checked."""

    least_agreement: (
        Annotated[float, Help("Normalised agreement on the primary metric, at least.", ge=0, le=2)]
        | None
    ) = None
    most_shift: (
        Annotated[
            float, Help("Share of answers that would fit another text as well, at most.", ge=0)
        ]
        | None
    ) = None
    most_failures: (
        Annotated[
            float, Help("Share of the new teacher's answers with a fault, at most.", ge=0, le=1)
        ]
        | None
    ) = None
    most_cost: (
        Annotated[
            float, Help("Cost of 1,000 accepted labels, as a multiple of the old one's.", ge=0)
        ]
        | None
    ) = None
    most_loss: (
        Annotated[
            float,
            Help(
                "How much worse any student trained on the new teacher may score on `gold`.", ge=0
            ),
        ]
        | None
    ) = None
    gold: Annotated[str, Help("The labels that `most-loss` is computed on.")] = "reference"


@dataclass(frozen=True, kw_only=True)
class Migration:
    """A planned change of teacher: entries' names, as the matrix has them."""

    old: str
    new: str
    accept: Accept


def read_migration(path: str, table: Json, axes: Mapping[str, Sequence[str]]) -> dict[str, Json]:
    """Return what results keep of `[migration]`, keyed as the file spells it.

    `axes` has the labels on each axis of the matrix.

    Raises:
        UsageError: it is no table, a key is unknown, missing or has a wrong value, or the matrix has
            nothing that could answer it.
    """
    where = f"{path}: [migration]"
    if not isinstance(table, dict):
        raise UsageError("must be a table", where=where, fix="write [migration] above its keys")
    for key in table:
        if key not in ("from", "to", "accept"):
            raise UsageError(
                f"unknown key '{key}'", where=where, fix=nearest(key, ("from", "to", "accept"))
            )
    for key in ("from", "to"):
        if not isinstance(table.get(key), str):
            raise UsageError(
                f"'{key}' does not name a teacher", where=where, fix=f'write {key} = "a teacher"'
            )
    accept = read_table(
        table.get("accept", {}), Accept, where=f"{path}: [migration.accept]", page="migration.md"
    )
    found = Migration(old=table["from"], new=table["to"], accept=accept)
    _check_matrix(path, found, axes)
    kept = {
        field.name.replace("_", "-"): value
        for field in dataclasses.fields(accept)
        if (value := getattr(accept, field.name)) is not None
    }
    return {"from": found.old, "to": found.new, "accept": kept}


def _check_matrix(path: str, found: Migration, axes: Mapping[str, Sequence[str]]) -> None:
    """Refuse a plan that the matrix cannot answer, before the first call."""
    where = f"{path}: [migration]"
    teachers = axes["teacher"]
    for key, name in (("from", found.old), ("to", found.new)):
        if name not in teachers:
            raise UsageError(
                f"{key} names '{name}', which is not on the axis teacher",
                where=where,
                fix=nearest(name, teachers),
            )
    if found.old == found.new:
        raise UsageError(
            f"from and to are both '{found.old}'",
            where=where,
            fix='name two; a teacher against itself is { use = "…", seed = 2 } on the axis',
        )
    if found.accept.most_loss is not None and found.accept.gold not in axes["gold"]:
        raise UsageError(
            f"most-loss is computed on gold '{found.accept.gold}', which is not on the axis gold",
            where=f"{path}: [migration.accept]",
            fix=f'add it to [matrix] gold, or set gold = "{found.old}" here and there',
        )
