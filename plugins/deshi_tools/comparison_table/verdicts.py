"""The verdict of a table in sentences: what wins, what cannot be distinguished, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi_tools.results_view.results_view import Difference, Group, ResultsView

_SHOWN = 6
"""Names in a list before the rest is counted."""
_FAR = 100
"""From so many times the size on, a number would be false precision."""


def verdicts(view: ResultsView) -> Iterator[str]:
    """Yield one paragraph a comparison group."""
    for group in view.comparison_groups:
        if paragraph := verdict(view, group):
            yield _about(view, group) + paragraph


@dataclass(frozen=True)
class Headline:
    """The verdict on a group in a sentence or two, and whether it is good news."""

    text: str
    tone: Literal["green", "yellow", "red"]


def headlines(view: ResultsView) -> Iterator[Headline]:
    """Yield one headline per comparison group: what leads, and whether it beats the baselines."""
    for group in view.comparison_groups:
        verdict_of = _GroupVerdict(view, group)
        if found := " ".join(sentence for sentence in verdict_of.headline() if sentence):
            yield Headline(_about(view, group) + found, verdict_of.tone())


def verdict(view: ResultsView, group: Group) -> str:
    """Return the verdict on one group, or nothing."""
    return " ".join(sentence for sentence in _GroupVerdict(view, group).sentences() if sentence)


def _about(view: ResultsView, group: Group) -> str:
    """Return the name of a group at the beginning of a sentence, where there is more than one."""
    name = group_name(view, group)
    return f"{name[:1].upper()}{name[1:]}: " if name else ""


def group_name(view: ResultsView, group: Group) -> str:
    """Name a group by what distinguishes it from others; nothing where it is the only one."""
    shown = view.comparison_groups
    parts = []
    for axis in ("corpus", "chain", "rewriter", "teacher"):
        labels = [" or ".join(sorted({str(r.cell[axis]) for r in g.rows})) for g in shown]
        if len(set(labels)) > 1:
            parts.append(f"{axis} {labels[shown.index(group)]}")
    if len({other.rows[0].gold for other in shown}) > 1:
        parts = [part for part in parts if not part.startswith("teacher")]
        parts.append(f"against {gold_of(group.rows[0])}")
    return ", ".join(parts)


def gold_of(row: Row) -> str:
    """Return the gold that a row is evaluated against, in words."""
    return "the labels of the corpus" if row.gold == "reference" else f"{row.gold}'s labels"


class _GroupVerdict:
    """One group: its rows that students gave, those of them that could be tested, the baselines."""

    def __init__(self, view: ResultsView, group: Group) -> None:
        self._view = view
        scored = [r for r in group.rows if r.status == "ok" and view.value(r) is not None]
        self._rows = [row for row in scored if not row.baseline]
        self._tested = [row for row in self._rows if row.tie_group]
        self._untested = [row for row in self._rows if not row.tie_group]
        self._baselines = [row for row in scored if row.baseline and row.tie_group]
        self._failed = [row for row in group.rows if row.status == "failed"]

    def sentences(self) -> Iterator[str]:
        """Yield what wins, how it stands to the baselines, what is missing, and what is wrong."""
        if self._rows:
            yield self._winner()
            yield self._without_test()
            yield from self._against_constant()
            yield from self._against_baselines()
            yield self._missing()
        yield self._ignoring_input()
        yield self._collapsed()
        if self._failed:
            yield f"Failed, and left out of every figure: {self._list(self._failed)}."

    def headline(self) -> Iterator[str]:
        """Yield what leads, how it stands to the baselines, and which rows ignore their input."""
        if self._failed and not self._rows:
            yield "No row has a score: all failed."
        if self._rows:
            yield self._winner()
            yield self._without_test()
            yield from self._against_constant()
            yield from self._against_baselines()
        yield self._ignoring_input()

    def tone(self) -> Literal["green", "yellow", "red"]:
        """Return red where the best row beats no baseline, yellow where it is tied or not tested."""
        best = self._tested[0] if self._tested else None
        if any(map(self._view.ignores_input, self._rows[:1])) or not self._rows:
            return "red"
        if best is None:
            return "yellow"
        to_constant = self._view.to_majority.get(best.id)
        if to_constant is None or not (to_constant.is_clear and self._is_better(to_constant)):
            return "red"
        if self._above(best):
            return "red"
        return "yellow" if self._tied(best) or best is not self._rows[0] else "green"

    def _winner(self) -> str:
        if len(self._rows) == 1:
            return f"{self._short(self._rows[0])} is the only row."
        if not self._tested:
            return "No winner can be named."
        best, *others = self._tested
        if not others:
            return ""
        tied = self._tied(best)
        if not tied:
            return f"{self._short(best)} wins: it is {self._gap(best, others[0])}."
        if len(tied) == len(others):
            return (
                f"No winner: {self._list(tied)} cannot be distinguished from {self._short(best)}."
            )
        return f"{self._short(best)} leads, but {self._list(tied)} cannot be distinguished from it."

    def _gap(self, row: Row, other: Row) -> str:
        """Return how much better a row is, with the interval."""
        found = self._view.difference(row, other)
        if found is None:
            return f"better than {self._short(other)}"
        sign = 1.0 if found.value > 0 else -1.0
        around = ""
        if found.low is not None and found.high is not None:
            low, high = sorted((sign * found.low, sign * found.high))
            around = f" [{low:.3f}, {high:.3f}]"
        return f"{abs(found.value):.3f}{around} better than {self._short(other)}"

    def _without_test(self) -> str:
        """Name the rows that could not be tested, and why."""
        if not self._untested:
            return ""
        ids = {row.id for row in self._untested}
        reasons = [
            one.reason
            for one in self._view.results.comparisons
            if one.question == "retrained-models"
            and one.p is None
            and one.reason
            and {one.a, one.b} & ids
        ]
        why = reasons[0] if reasons else "there is no other row to test it against"
        return f"Not tested: {self._list(self._untested)} ({why})."

    def _against_constant(self) -> Iterator[str]:
        """Name the rows that beat the majority baseline, and those not shown to."""
        found = [(row, d) for row in self._tested if (d := self._view.to_majority.get(row.id))]
        above = [row for row, d in found if d.is_clear and self._is_better(d)]
        short = [row for row, d in found if row not in above and d.p is not None]
        if above:
            everyone = not short and len(above) == len(self._rows) > 1
            verb = "beats" if len(above) == 1 else "beat"
            yield (
                "All beat the majority baseline."
                if everyone
                else f"{self._list(above)} {verb} the majority baseline."
            )
        if short:
            which = f"{self._list(short)} {_are(short)} not"
            which = "No row is" if len(short) == len(self._rows) else which
            yield f"{which} shown to beat the majority baseline, which predicts the same for every text."
        constants = [row for row in self._baselines if row.cell["student"] == "constant"]
        tied = [r for r in above if any(self._view.are_tied(r, c) for c in constants)]
        if tied:
            yield "Corrected for all pairs, as the letters are, the difference is not significant."

    def _against_baselines(self) -> Iterator[str]:
        """Name the baselines that the best row does not beat."""
        best = self._tested[0] if self._tested else None
        others = [row for row in self._baselines if row.cell["student"] != "constant"]
        if best is None or not others:
            return
        tied = [row for row in others if self._view.are_tied(row, best)]
        above = self._above(best)
        if above:
            yield f"{self._baselines_text(above)} {_beats(above)} the best row."
        if tied:
            yield f"{self._baselines_text(tied)} cannot be distinguished from the best row."

    def _above(self, best: Row) -> list[Row]:
        """Return the baselines that are better than the best row."""
        return [
            row
            for row in self._baselines
            if row.cell["student"] != "constant"
            and not self._view.are_tied(row, best)
            and (d := self._view.difference(row, best))
            and self._is_better(d)
        ]

    def _missing(self) -> str:
        """Return what it would take to distinguish the best row from the next tied one."""
        best = self._tested[0] if self._tested else None
        tied = self._tied(best) if best is not None else []
        found = self._view.difference(best, tied[0]) if best is not None and tied else None
        if best is None or found is None or found.least is None or found.p is None:
            return ""
        times = (found.least / abs(found.value)) ** 2 if found.value else float("inf")
        units = "texts" if best.seeds == tied[0].seeds == 1 else "texts and seeds"
        size = (
            f"about {max(2, ceil(times))} times the {units}"
            if times < _FAR
            else "a far larger test"
        )
        return (
            f"{self._short(best)} and {self._short(tied[0])} are {abs(found.value):.3f} apart; "
            "their "
            f"test detects {found.least:.3f} at 80 % power, so distinguishing them takes {size}."
        )

    def _ignoring_input(self) -> str:
        blind = [row for row in self._rows if self._view.ignores_input(row)]
        if not blind:
            return ""
        return (
            f"Nothing shows that the predictions of {self._list(blind)} depend on the text: the "
            "same predictions, shuffled over the texts, score as well."
        )

    def _collapsed(self) -> str:
        """Name the rows that predict few of the emoji that the gold has."""
        marked = [row for row in self._rows if self._view.is_collapsed(row)]
        if not marked:
            return ""
        have = "has" if len(marked) == 1 else "have"
        return (
            f"{self._list(marked)} {have} collapsed onto few emoji: less than a quarter of the "
            "gold's "
            "effective number."
        )

    def _tied(self, best: Row) -> list[Row]:
        return [r for r in self._tested if r is not best and self._view.are_tied(r, best)]

    def _is_better(self, found: Difference) -> bool:
        return self._view.gain(found) > 0

    def _short(self, row: Row) -> str:
        return self._view.name(row)

    def _baselines_text(self, rows: Sequence[Row]) -> str:
        names = map(self._view.baseline_name, rows)
        known = [
            f"the {name}" if name != row.cell["student"] else f"the baseline {name}"
            for row, name in zip(rows, names, strict=True)
        ]
        text = _listed(known)
        return text[:1].upper() + text[1:]

    def _list(self, rows: Sequence[Row]) -> str:
        return _listed([self._short(row) for row in rows])


def _listed(names: Sequence[str]) -> str:
    known = list(names)
    if len(known) > _SHOWN:
        known = [*known[: _SHOWN - 1], f"{len(known) - _SHOWN + 1} more"]
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"


def _are(rows: Sequence[Row]) -> str:
    return "is" if len(rows) == 1 else "are"


def _beats(rows: Sequence[Row]) -> str:
    return "beats" if len(rows) == 1 else "beat"
