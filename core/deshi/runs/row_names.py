"""What the table calls each row, and which one a person means who names one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from deshi.api import UsageError, nearest
from deshi.results import AXES, Row

STUDENT_AXES = ("student", "loss")
"""The axes in which a row may differ from the baseline that it is compared with."""


def distinguishing_axes(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the axes that distinguish the rows of a group, student and loss first of all."""
    rows = list(rows)
    labels: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for row in rows:
        if row.group and not (row.baseline and row.status == "n/a"):
            for axis in AXES:
                labels[row.group, axis].add(row.cell.get(axis))
    several = {axis for (_, axis), found in labels.items() if len(found) > 1} - {"loss"}
    shown = several | {"student"}
    if any(row.cell["loss"] is not None for row in rows):
        shown.add("loss")
    return tuple(axis for axis in AXES if axis in shown)


def table_names(rows: Iterable[Row]) -> dict[str, str]:
    """Return what the table calls each row within its group, by the row's id."""
    rows = list(rows)
    axes = distinguishing_axes(rows)
    return {
        row.id: "/".join(label for axis in axes if (label := row.cell.get(axis)) is not None)
        for row in rows
    }


def find_row(
    name: str, rows: Iterable[str], where: str, names: Mapping[str, str] | None = None
) -> str:
    """Return the id of the row that `name` means.

    It is the id itself; else what the table calls the row, which `names` gives by id; else whole parts
    of the id between slashes; else any piece of the id.

    Raises:
        UsageError: no row is called so, or several are.
    """
    ids, names = list(rows), names or {}
    rules: tuple[Callable[[str], bool], ...] = (
        lambda row: row == name,
        lambda row: names.get(row) == name,
        lambda row: f"/{name}/" in f"/{row}/",
        lambda row: bool(name) and name in row,
    )
    matches = next(filter(None, ([row for row in ids if rule(row)] for rule in rules)), [])
    if len(matches) > 1:
        choices = " or ".join(sorted(matches))
        raise UsageError(f"'{name}' could be {choices}", where=where, fix="write one of them")
    if not matches:
        parts = {part for row in ids for part in row.split("/")}
        raise UsageError(f"no row '{name}'", where=where, fix=nearest(name, {*ids, *parts}))
    return matches[0]
