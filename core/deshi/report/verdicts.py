"""What a table says, in plain sentences: what wins, what cannot be told apart, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deshi.report.rows import (
    Difference,
    Group,
    difference,
    differences,
    fails_input,
    groups,
    letters,
    short,
    shown_axes,
)

if TYPE_CHECKING:
    from deshi.evaluate.results import Results, Row

_SHOWN = 6
"""Names in a list before the rest is counted."""


def verdicts(results: Results) -> Iterator[str]:
    """Yield one paragraph a comparison group."""
    shown = [group for group in groups(results) if group.id]
    for group in shown:
        if paragraph := verdict(results, group):
            about = group_name(group, shown)
            yield f"{about[:1].upper()}{about[1:]}: {paragraph}" if about else paragraph


def verdict(results: Results, group: Group) -> str:
    """Return what the table says of one group, or nothing."""
    return " ".join(sentence for sentence in _Story(results, group).sentences() if sentence)


def group_name(group: Group, shown: Sequence[Group]) -> str:
    """Name a group among others by what tells it from them; nothing where it is the only one."""
    first = group.rows[0]
    axes = [
        axis
        for axis in ("corpus", "chain", "rewriter")
        if len({other.rows[0].cell[axis] for other in shown}) > 1
    ]
    parts = [f"{axis} {first.cell[axis]}" for axis in axes]
    if len({other.rows[0].gold for other in shown}) > 1:
        parts.append(f"against {gold_of(first)}")
    return ", ".join(parts)


def gold_of(row: Row) -> str:
    """Return what a row is judged against, in words."""
    return "the labels of the corpus" if row.gold == "reference" else f"{row.gold}'s labels"


class _Story:
    """One group: its rows that students gave, the best of them, and who is tied with it."""

    def __init__(self, results: Results, group: Group) -> None:
        self._results = results
        self._axes = shown_axes(results)
        self._name = results.primary.name
        self._to_constant = differences(results, None)
        valued = [r for r in group.rows if r.status == "ok" and self._value(r) is not None]
        self._rows = [row for row in valued if not row.baseline]
        self._baselines = [row for row in valued if row.baseline and row.tie_group]
        self._failed = [row for row in group.rows if row.status == "failed"]

    def sentences(self) -> Iterator[str]:
        """Yield what wins, how it stands to the baselines, what is missing, and what is wrong."""
        if self._rows:
            yield self._winner()
            yield self._against_constant()
            yield self._better_baselines()
            yield self._missing()
        yield self._blind()
        if self._failed:
            yield f"Failed, and in no figure: {self._list(self._failed)}."

    def _winner(self) -> str:
        best, *others = self._rows
        if not others:
            return f"{self._short(best)} is the only row."
        found = [d for row in others if (d := difference(self._results, best, row))]
        if not any(d.p is not None for d in found):
            reason = found[0].reason if found else "nothing was tested"
            return f"No winner can be named: {reason}."
        tied = [row for row in others if letters(row) & letters(best)]
        if not tied:
            gap = self._gap(best, others[0])
            return f"{self._short(best)} wins: it is {gap} better than {self._short(others[0])}."
        if len(tied) == len(others):
            return f"No winner: {self._list(tied)} cannot be told from {self._short(best)}."
        return f"{self._short(best)} leads, but {self._list(tied)} cannot be told from it."

    def _gap(self, row: Row, other: Row) -> str:
        found = difference(self._results, row, other)
        if found is None:
            return "not measurably"
        low, high = sorted((abs(found.low or 0.0), abs(found.high or 0.0)))
        return f"{abs(found.value):.3f} [{low:.3f}, {high:.3f}]"

    def _against_constant(self) -> str:
        """Say which rows do better than a fixed answer, and which do not."""
        found = [(row, d) for row in self._rows if (d := self._to_constant.get(row.id))]
        tested = [(row, d) for row, d in found if d.p is not None]
        short = [row for row, d in tested if not (d.is_clear and self._is_better(d))]
        if not tested:
            return ""
        if not short:
            return "It beats the constant." if len(tested) == 1 else "All beat the constant."
        which = (
            "No row is" if len(short) == len(tested) else f"{self._list(short)} {_are(short)} not"
        )
        return f"{which} shown to beat the constant, which answers every text alike."

    def _better_baselines(self) -> str:
        """Name the baselines that the best row does not reach."""
        best = self._rows[0]
        above = [
            row
            for row in self._baselines
            if row.cell["student"] != "constant"
            and (d := difference(self._results, row, best))
            and not letters(row) & letters(best)
            and self._is_better(d)
        ]
        verb = "beats" if len(above) == 1 else "beat"
        return f"The baseline {self._list(above)} {verb} the best row." if above else ""

    def _missing(self) -> str:
        """Say what it would take to tell the best row from the next that is tied with it."""
        best, *others = self._rows
        tied = [row for row in others if letters(row) & letters(best)]
        found = difference(self._results, best, tied[0]) if tied else None
        if found is None:
            return ""
        if found.p is None or found.least is None:
            return ""
        times = (found.least / abs(found.value)) ** 2 if found.value else float("inf")
        size = (
            f"about {times:.0f} times the texts and seeds" if times < 100 else "a far larger test"
        )
        return (
            f"{self._short(best)} and {self._short(tied[0])} are {abs(found.value):.3f} apart, and this "
            f"table finds differences from {found.least:.3f} on: to tell them apart takes {size}."
        )

    def _blind(self) -> str:
        blind = [row for row in self._rows if fails_input(row)]
        if not blind:
            return ""
        return f"The answers of {self._list(blind)} would have scored as well on other texts."

    def _is_better(self, found: Difference) -> bool:
        return found.value > 0 if self._results.primary.direction != "lower" else found.value < 0

    def _value(self, row: Row) -> float | None:
        found = row.metrics.get(self._name)
        return found.value if found is not None else None

    def _short(self, row: Row) -> str:
        return short(row, self._axes)

    def _list(self, rows: Sequence[Row]) -> str:
        names = [self._short(row) for row in rows]
        if len(names) > _SHOWN:
            names = [*names[: _SHOWN - 1], f"{len(names) - _SHOWN + 1} more"]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _are(rows: Sequence[Row]) -> str:
    return "is" if len(rows) == 1 else "are"
