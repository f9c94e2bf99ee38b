"""The table of predictions for new texts: what belongs to a text stands under that text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deshi_tools.tables.table import Column, Line, Table, table_of

if TYPE_CHECKING:
    from deshi.runs.fitted_student import ExplainedPrediction

_NOTHING = "nothing"
_INDENT = "  "


def predictions_table(name: str, found: Sequence[ExplainedPrediction], scores: int) -> Table:
    """Return what a terminal shows: a line per text, and under it its scores and its reasons."""
    lines = tuple(line for answer in found for line in _lines(answer, scores))
    return Table(name, (Column("emoji"), Column("text")), lines)


def predictions_list(
    name: str, found: Sequence[ExplainedPrediction], scores: int, *, whole: bool = False
) -> Table:
    """Return one line per text with its scores in a column.

    A `whole` table has a column of reasons too; of these two columns, one that is empty is left out.
    """
    rows = [
        (_emoji(answer), answer.text.text, _scores(answer, scores), "; ".join(answer.reasons))
        for answer in found
    ]
    names = ("emoji", "text", "scores", "reasons")
    keep = [at for at in range(4) if at < 2 or any(row[at] for row in rows)] if whole else [0, 1, 2]
    return table_of(name, [names[at] for at in keep], [[row[at] for at in keep] for row in rows])


def _lines(answer: ExplainedPrediction, scores: int) -> Iterator[Line]:
    yield Line((_emoji(answer) or _NOTHING, answer.text.text))
    ranked = _scores(answer, scores)
    for said in ([f"scores {ranked}"] if ranked else []) + list(answer.reasons):
        yield Line(("", f"{_INDENT}{said}"), "dim")


def _emoji(answer: ExplainedPrediction) -> str:
    return "".join(answer.prediction.emojis)


def _scores(answer: ExplainedPrediction, scores: int) -> str:
    ranked = (answer.prediction.ranked or ())[:scores]
    return " ".join(f"{emoji} {score:.2f}" for emoji, score in ranked)
