"""Which row a person means who names one: the same rule on every command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from deshi.api import UsageError, nearest


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
        raise UsageError(f"'{name}' could be {choices}", where=where, mend="write one of them")
    if not matches:
        parts = {part for row in ids for part in row.split("/")}
        raise UsageError(f"no row '{name}'", where=where, mend=nearest(name, {*ids, *parts}))
    return matches[0]
