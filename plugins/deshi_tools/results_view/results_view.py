"""The view of a run's results that every renderer takes: groups, names, differences and flags.

What the terminal, HTML, Markdown, LaTeX and the page show of a run is computed here, once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from deshi.results import AXES
from deshi.runs.row_names import STUDENT_AXES, distinguishing_axes, find_row, table_names
from deshi.statistics.holm import ALPHA, holm
from deshi.statistics.tie_letters import read_letters

if TYPE_CHECKING:
    from deshi.results import Comparison, MetricInfo, Question, Results, Row

EFFECTIVE_EMOJI = "effective-emoji"
_BASELINES = {
    "constant": ("majority baseline", "majority"),
    "shuffled": ("permutation baseline", "permuted"),
    "ceiling": ("teacher self-agreement", "self-agreement"),
}
"""The field's names of the built-in baselines, for sentences and for a table's narrow column."""
_COLLAPSED = 0.25
"""A row that uses less than this part of the gold's effective emoji is marked; a convention."""


@dataclass(frozen=True)
class Group:
    """The rows of a comparison group, in the table's order; without `id`, those that cannot run."""

    id: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Difference:
    """One row minus another on the primary metric, for retrained models or these fixed ones.

    `p_pairs` is corrected over all pairs of a group, and `least` the difference that the test then
    detects at 80 % power.
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


class ResultsView:
    """A run's results, and what follows from them, each computed on first use.

    `against` names the row that differences are to; without it, they are to the majority baseline.

    Raises:
        UsageError: there is no row `against`, or several.
    """

    def __init__(self, results: Results, against: str | None = None) -> None:
        self.results = results
        self.against = None if against is None else self.row(against)

    @property
    def primary(self) -> MetricInfo:
        """The metric that rows are ordered by."""
        return self.results.primary

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in the order of the table, without baselines that cannot run."""
        rows = [r for r in self.results.rows if not (r.baseline and r.status == "n/a")]
        names = dict.fromkeys(row.group for row in self.results.rows)
        groups = (Group(name, tuple(r for r in rows if r.group == name)) for name in names)
        return tuple(group for group in groups if group.rows)

    @cached_property
    def comparison_groups(self) -> tuple[Group, ...]:
        """The groups whose rows are ranked: all but that of the rows that cannot run."""
        return tuple(group for group in self.groups if group.id)

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The axes that distinguish the rows of a group, student and loss first of all."""
        return distinguishing_axes(self.results.rows)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What the table calls each row within its group, by the row's id."""
        return table_names(self.results.rows)

    def name(self, row: Row) -> str:
        """Return what the table calls a row within its group."""
        return self.names[row.id]

    def baseline_name(self, row: Row) -> str:
        """Return the field's name of a baseline, such as `majority baseline` for `constant`."""
        student = str(row.cell["student"])
        return _BASELINES.get(student, (student, student))[0]

    def student_label(self, row: Row) -> str:
        """Return what a table's column shows of a row's student: `– majority` for a baseline."""
        student = str(row.cell["student"])
        short = _BASELINES.get(student, (student, student))[1]
        return f"– {short}" if row.baseline else student

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """All rows by id."""
        return {row.id: row for row in self.results.rows}

    def row(self, name: str, *, where: str = "", among: Collection[str] | None = None) -> Row:
        """Return the row that `name` means: its id, its name in the table, or a part of its id.

        `among` are the ids that come into question, all if left out; `where` says what named it.

        Raises:
            UsageError: there is no such row, or several.
        """
        ids = self.rows if among is None else [row for row in self.rows if row in among]
        return self.rows[find_row(name, ids, where or self.results.run, self.names)]

    @cached_property
    def majority_rows(self) -> Mapping[str, Row]:
        """The majority baseline that each row is compared with, by the row's id."""
        baselines = {
            (row.group, _training_data(row)): row
            for row in reversed(self.results.rows)
            if row.cell["student"] == "constant" and row.group
        }
        keys = {row.id: (row.group, _training_data(row)) for row in self.results.rows}
        return {row: baselines[key] for row, key in keys.items() if key in baselines}

    @cached_property
    def differences(self) -> Mapping[str, Difference]:
        """Each row minus the one that it is compared with, for retrained models."""
        return self.to_majority if self.against is None else self.differences_to(self.against)

    @cached_property
    def to_majority(self) -> Mapping[str, Difference]:
        """Each row minus its majority baseline, for retrained models."""
        return self.differences_to_majority("retrained-models")

    def differences_to(
        self, other: Row, question: Question = "retrained-models"
    ) -> Mapping[str, Difference]:
        """Return the rows of a group minus one of them.

        p is corrected over all pairs, as for the significance letters: the row was picked from the
        table.
        """
        rows = [row for row in self.results.rows if row.group == other.group]
        pairs = ((row.id, self.difference(row, other, question)) for row in rows)
        return {row: replace(found, p=found.p_pairs) for row, found in pairs if found}

    def differences_to_majority(self, question: Question) -> Mapping[str, Difference]:
        """Return each row minus its majority baseline; Holm's correction is over those of one."""
        others = self.majority_rows
        pairs = ((row, self.difference(self.rows[row], others[row], question)) for row in others)
        found = {row: difference for row, difference in pairs if difference}
        for baseline in {row.id for row in others.values()}:
            family = [row for row in found if others[row].id == baseline]
            tests = holm([found[row].p for row in family])
            relabelled = holm([found[row].p_relabelling for row in family])
            for row, p, again in zip(family, tests, relabelled, strict=True):
                found[row] = replace(found[row], p=p, p_relabelling=again)
        return found

    def difference(
        self, row: Row, other: Row, question: Question = "retrained-models"
    ) -> Difference | None:
        """Return a row minus another, p without a correction; None for one row, or without values."""
        if row.id == other.id:
            return None
        if found := self._comparisons.get((question, row.id, other.id)):
            return _difference(found)
        if found := self._comparisons.get((question, other.id, row.id)):
            return _difference(found, -1.0)
        value, beside = self.value(row), self.value(other)
        if value is None or beside is None:
            return None
        return Difference(value - beside, None, None, None, None, None, None, "not tested")

    @cached_property
    def _comparisons(self) -> Mapping[tuple[str, str, str], Comparison]:
        return {(one.question, one.a, one.b): one for one in self.results.comparisons}

    def gain(self, difference: Difference) -> float:
        """Return how much better the first row of a difference is; negative if it is worse."""
        return -difference.value if self.primary.direction == "lower" else difference.value

    def value(self, row: Row) -> float | None:
        """Return a row's value of the primary metric."""
        found = row.metrics.get(self.primary.name)
        return found.value if found is not None else None

    def are_tied(self, row: Row, other: Row) -> bool:
        """Say whether two rows share a significance letter: they cannot be distinguished."""
        return bool(_letters(row) & _letters(other))

    def is_top(self, row: Row) -> bool:
        """Say whether a row is of its group's top: it shares a letter with the best."""
        best = self._best.get(row.group)
        return best is not None and self.are_tied(row, best)

    @cached_property
    def _best(self) -> Mapping[str, Row]:
        """The row with the best value of those that were tested, by group."""
        sign = -1.0 if self.primary.direction == "lower" else 1.0
        best: dict[str, tuple[float, Row]] = {}
        for row in self.results.rows:
            value = self.value(row) if row.tie_group else None
            if value is not None and (row.group not in best or sign * value > best[row.group][0]):
                best[row.group] = sign * value, row
        return {group: row for group, (_, row) in best.items()}

    def ignores_input(self, row: Row) -> bool:
        """Say whether a row's predictions would have scored as well on other texts."""
        found = row.input_dependence
        return found is not None and found["p"] is not None and found["p"] > ALPHA

    def effective_emoji(self, row: Row) -> tuple[float | None, float | None]:
        """Return the effective number of emoji of a row's predictions, and of its gold."""
        found = row.metrics.get(EFFECTIVE_EMOJI)
        gold = self.results.groups.get(row.group, {}).get(EFFECTIVE_EMOJI)
        return (found.value if found else None), gold

    def is_collapsed(self, row: Row) -> bool:
        """Say whether a row that is no baseline predicts few of the emoji that the gold has."""
        own, gold = self.effective_emoji(row)
        return (
            not row.baseline and own is not None and bool(gold) and own < _COLLAPSED * (gold or 0)
        )


def _training_data(row: Row) -> tuple[str | None, ...]:
    """Return what a row shares with its majority baseline."""
    return tuple(row.cell.get(axis) for axis in AXES if axis not in STUDENT_AXES)


def _letters(row: Row) -> frozenset[str]:
    return frozenset(read_letters(row.tie_group or ""))


def _difference(found: Comparison, sign: float = 1.0) -> Difference | None:
    """Return a comparison as a difference, turned around for a sign of -1."""
    if found.difference is None:
        return None
    ends = [None if end is None else sign * end for end in (found.low, found.high)]
    low, high = ends if sign > 0 else ends[::-1]
    return Difference(
        sign * found.difference,
        low,
        high,
        found.p,
        found.p_holm,
        found.p_relabelling,
        found.smallest_detectable,
        found.reason,
    )
