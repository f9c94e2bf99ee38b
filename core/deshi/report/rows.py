"""What every view of a run's rows needs: groups, short names, and who is compared with whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from deshi.api import UsageError, nearest
from deshi.evaluate.letters import read_letters
from deshi.evaluate.multiplicity import holm
from deshi.evaluate.power import ALPHA

if TYPE_CHECKING:
    from deshi.evaluate.results import Comparison, Results, Row

Question: TypeAlias = Literal["artefact", "recipe"]

AXES = ("corpus", "chain", "rewriter", "teacher", "train", "student", "loss", "gold")
_ANSWERING = ("student", "loss")


@dataclass(frozen=True)
class Group:
    """The rows of a comparison group, in the table's order; without `id`, those that cannot run."""

    id: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Difference:
    """One row minus another on the primary metric, for newly trained models or these very ones.

    `p_pairs` is corrected over all pairs of a group, and `least` the difference that the test then
    finds in four of five cases.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    p_pairs: float | None
    p_relabelling: float | None
    least: float | None
    reason: str

    @property
    def is_clear(self) -> bool:
        """Whether the two differ at the p that is given."""
        return self.p is not None and self.p <= ALPHA


EFFECTIVE = "effective-emoji"
COLLAPSED = 0.25
"""A row that uses less than this part of the gold's effective emoji is marked; a convention."""


def effective(results: Results, row: Row) -> tuple[float | None, float | None]:
    """Return the effective number of emoji of a row's answers, and of its gold."""
    found = row.metrics.get(EFFECTIVE)
    return (found.value if found else None), results.groups.get(row.group, {}).get(EFFECTIVE)


def is_collapsed(results: Results, row: Row) -> bool:
    """Say whether a row that is no baseline answers with few of the emoji that the gold has."""
    own, gold = effective(results, row)
    return not row.baseline and own is not None and bool(gold) and own < COLLAPSED * (gold or 0)


def groups(results: Results) -> Iterator[Group]:
    """Yield the groups in the order of the table, without baselines that cannot run."""
    for name in dict.fromkeys(row.group for row in results.rows):
        rows = [row for row in results.rows if row.group == name]
        shown = tuple(row for row in rows if not (row.baseline and row.status == "n/a"))
        if shown:
            yield Group(name, shown)


def shown_axes(results: Results) -> list[str]:
    """Return the axes that tell rows of a group apart, student and loss first of all."""
    shown = [group for group in groups(results) if group.id]
    several = {
        axis for axis in AXES for g in shown if len({row.cell.get(axis) for row in g.rows}) > 1
    } - set(_ANSWERING)
    losses = any(row.cell["loss"] is not None for row in results.rows)
    return [a for a in AXES if a == "student" or (a == "loss" and losses) or a in several]


def short(row: Row, axes: list[str]) -> str:
    """Return a row's name within its group."""
    return "/".join(label for axis in axes if (label := row.cell.get(axis)) is not None)


def references(results: Results, against: str | None) -> Mapping[str, Row]:
    """Return for each row the one that it is compared with: its constant, or the row `against`.

    Raises:
        UsageError: there is no row `against`, or several.
    """
    if against is not None:
        chosen = find_row(results, against)
        return {row.id: chosen for row in results.rows if row.group == chosen.group}
    found: dict[str, Row] = {}
    constants = [row for row in results.rows if row.cell["student"] == "constant" and row.group]
    for row in results.rows:
        own = [c for c in constants if c.group == row.group and _taught(c) == _taught(row)]
        found |= {row.id: own[0]} if own else {}
    return found


def _taught(row: Row) -> Mapping[str, str | None]:
    return {axis: label for axis, label in row.cell.items() if axis not in _ANSWERING}


def find_row(results: Results, name: str) -> Row:
    """Return the row of this id, or the one whose id holds it.

    Raises:
        UsageError: there is no such row, or several.
    """
    ids = [row.id for row in results.rows]
    found = [name] if name in ids else [one for one in ids if name in one]
    if len(found) != 1:
        what = f"'{name}' could be {' or '.join(found)}" if found else f"no row '{name}'"
        mend = "write more of it" if found else nearest(name, ids)
        raise UsageError(what, where=results.run, mend=mend)
    return next(row for row in results.rows if row.id == found[0])


def differences(
    results: Results, against: str | None, question: Question = "recipe"
) -> Mapping[str, Difference]:
    """Return each row minus the one that it is compared with.

    Holm's correction is over the rows that are compared with the same constant. A row `against` was
    picked from the table, so that there it is over all pairs, as for the tie letters.

    Raises:
        UsageError: there is no row `against`, or several.
    """
    others = references(results, against)
    tested = _tested(results, question)
    rows = [row for row in results.rows if row.id in others]
    found = {
        row.id: d
        for row in rows
        if (d := _difference(row, others[row.id], tested, results.primary.name))
    }
    if against is not None:
        return {name: replace(d, p=d.p_pairs) for name, d in found.items()}
    for reference in {row.id for row in others.values()}:
        family = [name for name in found if others[name].id == reference]
        tests = holm([found[name].p for name in family])
        relabelled = holm([found[name].p_relabelling for name in family])
        for name, p, again in zip(family, tests, relabelled, strict=True):
            found[name] = replace(found[name], p=p, p_relabelling=again)
    return found


def difference(results: Results, row: Row, other: Row) -> Difference | None:
    """Return a row minus another, p as it is without a correction; None without values."""
    return _difference(row, other, _tested(results, "recipe"), results.primary.name)


def _tested(results: Results, question: Question) -> Mapping[tuple[str, str], Comparison]:
    return {(one.a, one.b): one for one in results.comparisons if one.question == question}


def _difference(
    row: Row, other: Row, tested: Mapping[tuple[str, str], Comparison], metric: str
) -> Difference | None:
    if row.id == other.id:
        return None
    if one := tested.get((row.id, other.id)):
        return _turned(one, 1.0)
    if one := tested.get((other.id, row.id)):
        return _turned(one, -1.0)
    values = [r.metrics[metric].value if metric in r.metrics else None for r in (row, other)]
    if values[0] is None or values[1] is None:
        return None
    return Difference(values[0] - values[1], None, None, None, None, None, None, "not tested")


def _turned(one: Comparison, sign: float) -> Difference | None:
    if one.difference is None:
        return None
    ends = [None if end is None else sign * end for end in (one.low, one.high)]
    low, high = ends if sign > 0 else ends[::-1]
    return Difference(
        sign * one.difference,
        low,
        high,
        one.p,
        one.p_holm,
        one.p_relabelling,
        one.smallest_detectable,
        one.reason,
    )


def letters(row: Row) -> frozenset[str]:
    """Return a row's tie letters; rows that share one cannot be told apart."""
    return frozenset(read_letters(row.tie_group or ""))


def top_letters(results: Results, group: Group) -> frozenset[str]:
    """Return the letters of the group's best row: rows that share one are the top group."""
    name = results.primary.name
    sign = -1.0 if results.primary.direction == "lower" else 1.0
    values = {row.id: row.metrics[name].value for row in group.rows if row.tie_group}
    known = {row: sign * value for row, value in values.items() if value is not None}
    if not known:
        return frozenset()
    best = max(known, key=lambda row: known[row])
    return next(letters(row) for row in group.rows if row.id == best)


def fails_input(row: Row) -> bool:
    """Say whether a row's answers would have scored as well on other texts."""
    found = row.input_dependence
    return found is not None and found["p"] is not None and found["p"] > ALPHA
