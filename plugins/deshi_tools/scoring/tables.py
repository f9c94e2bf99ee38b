"""Turn a comparison of two files of predictions into a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deshi_tools.tables.table import Column, Line, Scalar, Table

if TYPE_CHECKING:
    from deshi_tools.claims.evidence import Evidence
    from deshi_tools.scoring.answer_files import PredictionFiles


def files_table(found: Sequence[Evidence], answers: PredictionFiles, *sentences: str) -> Table:
    """Return one line a metric, all about the same two files, and sentences under them."""
    a, b = found[0].a, found[0].b
    columns = (
        Column("metric"),
        *(Column(name, "right", decimals=4) for name in (a, b, "difference")),
        Column("95 % interval", "right"),
        *(Column(name, "right", decimals=4) for name in ("p", "smallest detectable")),
        Column("texts needed", "right"),
        Column("why no test", wide=True),
    )
    lines = tuple(Line(tuple(_values(one))) for one in found)
    title = f"{a} and {b} on {len(answers.expected)} texts"
    notes = (*_untested(found), *file_notes(answers))
    return Table(title, columns, lines, notes, summary=sentences)


def file_notes(answers: PredictionFiles) -> Iterator[str]:
    """Yield what the figures mean, and what they leave out."""
    yield (
        "The question is about fixed models: do these predictions differ on new texts? Two files cannot "
        "show how retrained models would differ."
    )
    yield (
        f"Texts belong to {len(set(answers.documents))} documents, which are resampled and permuted "
        "whole."
        if answers.clustered
        else "Texts are taken as independent: the gold names no `document`. If texts share documents, "
        "the intervals and p are too small."
    )
    yield (
        "smallest detectable: the difference that this test detects at 80 % power; texts needed: how "
        "many such texts would detect the observed difference at the same power. p is for one metric "
        "and one pair."
    )
    if answers.left_out:
        yield f"{answers.left_out} gold texts are left out: not both files have predictions for them."


def _untested(found: Sequence[Evidence]) -> Iterator[str]:
    """Say why metrics have no test, each reason once."""
    for reason in dict.fromkeys(one.reason for one in found if one.reason):
        names = [one.metric for one in found if one.reason == reason]
        yield f"No test of {', '.join(names)}: {reason}."


def _values(one: Evidence) -> Iterator[Scalar]:
    yield from (one.metric, one.a_value, one.b_value, one.difference)
    yield "" if one.low is None or one.high is None else f"[{one.low:.4f}, {one.high:.4f}]"
    yield from (one.p, one.smallest_detectable, one.texts_needed, one.reason)
