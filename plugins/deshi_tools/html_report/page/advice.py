"""The three things a reader wants first: which row to use, how sure that is, what it fails on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deshi.api import Json
from deshi_tools.html_report.page.failures import failures
from deshi_tools.tables.numbers import p_text

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi_tools.html_report.page.answers import PagePredictions
    from deshi_tools.results_view.results_view import Difference, Group, ResultsView

_TOLD = 3
"""How many rows of the top group are told of in full."""
_KIN = "the teacher's own component with other settings, so it knows the rules behind the labels"
_SCALE = {
    "constant": "the same prediction for every text",
    "shuffled": "the best row's predictions, shuffled over the texts",
    "lexicon": "a list of words",
    "knn": "nearest neighbours among the training texts",
    "ceiling": "the teacher against its own second answer",
}
"""What known baselines are, for a reader who sees their score."""


def advice(view: ResultsView, group: Group, answered: PagePredictions) -> dict[str, Json]:
    """Return the answers for one group, and the row that they mean.

    `use` is a sentence and `sure` a list of them; `fails` has a name with its sentences for the best
    row and for those that cannot be distinguished from it, as far as their answers are there.
    """
    found = _Advice(view, group)
    best = found.best
    if best is None:
        return {"best": None, "use": "None: no student of this group has a score.", "sure": []}
    return {
        "best": best.id,
        "use": found.use(best),
        "sure": list(found.sure(best)),
        "fails": [
            [found.name(row), list(_failures(row, answered))]
            for row in [best, *found.tied(best)][:_TOLD]
            if row.id in answered.answers
        ],
    }


def _failures(row: Row, answered: PagePredictions) -> Iterator[str]:
    gold = answered.gold(row.group)
    return failures(answered.answers[row.id], gold, answered.tags[row.id])


class _Advice:
    """One group: the rows that have a score, best first, and what they are compared with."""

    def __init__(self, view: ResultsView, group: Group) -> None:
        self._view = view
        self._metric = view.primary
        self._rows = [
            row for row in group.rows if row.status == "ok" and view.value(row) is not None
        ]
        self._students = [row for row in self._rows if not row.baseline]

    @property
    def best(self) -> Row | None:
        return self._students[0] if self._students else None

    def use(self, best: Row) -> str:
        """Return which row to use, or why none."""
        name, score = self.name(best), self._score(best)
        above = self._better_baselines(best)
        if above:
            return (
                f"None as it stands. The best student, {name} ({score}), is beaten by the baseline "
                f"{self.name(above[0])} ({self._score(above[0])})"
                + (f", which is {_KIN}." if self._is_kin(above[0]) else ".")
            )
        constant = self._view.to_majority.get(best.id)
        if self._view.ignores_input(best) or (
            constant and constant.p is not None and not self._beats(constant)
        ):
            return (
                f"None as it stands. {name} ({score}) is not shown to beat the majority baseline."
            )
        tied = self.tied(best)
        if not best.tie_group or (constant is not None and constant.p is None):
            return f"{name} scored highest ({score}), but no test confirms it."
        if tied:
            others = _listed(map(self.name, tied), "or")
            choice = f"{name} ({score}) or {others}: this test cannot distinguish them."
            return choice + self._quickest([best, *tied])
        return f"{name} ({score})."

    def _quickest(self, rows: Sequence[Row]) -> str:
        """Name what else may decide: a row that trains at least twice as fast as the others."""
        times = sorted(
            (row.seconds / row.seeds, row.id) for row in rows if row.seeds and row.seconds
        )
        if len(times) < 2 or len(times) < len(rows) or times[0][0] * 2 > times[1][0]:
            return ""
        row = next(row for row in rows if row.id == times[0][1])
        return f" {self.name(row)} takes the least time, {times[0][0]:.1f} s per run."

    def sure(self, best: Row) -> Iterator[str]:
        """Yield how far the figure and the choice can be trusted."""
        yield self._range(best)
        others = self._students[1:]
        if others and (found := self._view.difference(best, others[0])):
            yield self._lead(best, others[0], found)
        yield self._measured(best)
        if best.gold != "reference":
            yield (
                f"The gold is {best.gold}'s labels, a teacher and not a person: the score is "
                "agreement with it, not quality as people see it."
            )
        if scale := _listed(self._scale()):
            yield f"For scale, on the same texts: {scale}."

    def _range(self, best: Row) -> str:
        found = best.metrics[self._metric.name]
        if found.low is None or found.high is None:
            return f"There is no interval: {found.reason}."
        whose = (
            "Retrained and evaluated on new texts"
            if found.question == "retrained-models"
            else "This fixed model, evaluated on new texts"
        )
        return (
            f"{whose}, {self._metric.name} is expected between {found.low:.3f} and "
            f"{found.high:.3f} "
            f"(95 % interval)."
        )

    def _lead(self, best: Row, other: Row, found: Difference) -> str:
        gap, name = f"{abs(found.value):.3f}", self.name(other)
        if found.p is None:
            return f"Its lead of {gap} over {name} has no test: {found.reason}."
        least = (
            f": this test detects differences from {found.least:.3f} on, at 80 % power"
            if found.least
            else ""
        )
        if self._view.are_tied(best, other):
            return f"Its lead of {gap} over {name} is not significant{least}."
        return f"Its lead of {gap} over {name} is significant (p {p_text(found.p)})."

    def _measured(self, best: Row) -> str:
        runs = "1 training run" if best.seeds == 1 else f"{best.seeds} training runs"
        if best.n_train is None:
            runs = "no training"
        elif best.seeds == 1 and best.metrics[self._metric.name].question == "retrained-models":
            runs += ", which is enough: its training is deterministic"
        return f"Measured on {best.n_test} texts in {best.n_documents} documents, with {runs}."

    def _scale(self) -> Iterator[str]:
        for row in self._rows:
            what = _SCALE.get(str(row.cell["student"]))
            if row.baseline and what:
                value = row.metrics[self._metric.name].value
                kin = f"; {_KIN}" if self._is_kin(row) else ""
                yield f"{self._view.baseline_name(row)} ({what}{kin}) {value:.3f}"

    def _is_kin(self, row: Row) -> bool:
        """Say whether a baseline that is a teacher is the component that gave the gold."""
        entries = self._view.results.provenance.get("entries") or {}
        names = (f"teacher.{row.cell['student']}", f"teacher.{row.gold}")
        own, gold = (entries.get(name, {}).get("component") for name in names)
        return own is not None and own == gold

    def tied(self, best: Row) -> Sequence[Row]:
        return [row for row in self._students[1:] if self._view.are_tied(row, best)]

    def _better_baselines(self, best: Row) -> Sequence[Row]:
        return [
            row
            for row in self._rows
            if row.baseline
            and row.tie_group
            and best.tie_group
            and not self._view.are_tied(row, best)
            and (d := self._view.difference(row, best))
            and self._is_better(d)
        ]

    def _beats(self, found: Difference) -> bool:
        return found.is_clear and self._is_better(found)

    def _is_better(self, found: Difference) -> bool:
        return self._view.gain(found) > 0

    def _score(self, row: Row) -> str:
        return f"{self._metric.name} {row.metrics[self._metric.name].value:.3f}"

    def name(self, row: Row) -> str:
        return self._view.name(row)


def _listed(names: Iterator[str], word: str = "and") -> str:
    known = list(names)
    if len(known) > 6:
        known = [*known[:5], f"{len(known) - 5} more"]
    return ", ".join(known[:-1]) + f" {word} {known[-1]}" if len(known) > 1 else "".join(known)
