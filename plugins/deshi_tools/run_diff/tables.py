"""Turn two runs beside each other into tables: what differs, which rows moved, which texts flipped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from deshi_tools.tables.numbers import p_text
from deshi_tools.tables.table import Column, Line, Scalar, Style, Table, table_of

if TYPE_CHECKING:
    from deshi.api import Emojis
    from deshi_tools.run_diff.diff import Flip, RunDiff
    from deshi_tools.run_diff.row_changes import ChangeTest, RowChange

_ARROWS = {"higher": " ↑", "lower": " ↓", "none": ""}


def differs_table(found: RunDiff) -> Table:
    """Return the keys whose values differ."""
    lines = [(one.key, _plain(one.old), _plain(one.new)) for one in found.differs]
    nothing = () if lines else ("Settings, entries, prompts and versions are the same.",)
    title = f"What differs between {found.old} (old) and {found.new} (new)"
    return table_of(title, ("key", "old", "new"), lines, *nothing)


def rows_table(found: RunDiff) -> Table:
    """Return one line a row that both runs have, with the verdicts of both questions."""
    values = ("old", "new", "new − old")
    changed = any(move.gold_changed for move in found.rows)
    columns = (
        Column("row", fixed=True),
        *(Column(name, "right", fixed=True, decimals=3) for name in values),
        Column("95 % interval", "right", fixed=True),
        Column("p", "right", fixed=True),
        Column("verdict", fixed=True),
        Column("detectable", "right", fixed=True, decimals=3),
        Column("fixed models", fixed=True),
        Column("their p", "right", fixed=True),
        Column("texts", "right", fixed=True),
        Column("documents", "right", wide=True),
        Column("gold changed", "right", fixed=True, wide=not changed),
        Column("text changed", "right", wide=True),
        Column("why no verdict", wide=True),
    )
    lines = tuple(Line(tuple(_row(move)), _style(move)) for move in found.rows)
    metric = f"{found.metric}{_ARROWS[found.direction]}"
    title = f"Which rows changed: {metric} on the test texts that both runs evaluated"
    return Table(title, columns, lines, tuple(_notes(found)), summary=tuple(_changed(found)))


def texts_table(found: RunDiff) -> Table:
    """Return the texts whose value changed most, a section a row."""
    columns = (
        Column("change", "right", decimals=3),
        Column("text"),
        Column("gold"),
        Column("old prediction"),
        Column("new prediction"),
        Column("id", wide=True),
        Column("document", wide=True),
    )
    lines = []
    row = ""
    for flip in found.texts:
        section, row = ("" if flip.row == row else flip.row), flip.row
        lines.append(Line(_flip(flip), section=section))
    note = (
        "change: the text's value, mean over runs, new minus old. The predictions are those of the "
        "first run of each row."
    )
    return Table(
        f"Which texts changed: {found.metric}",
        columns,
        tuple(lines),
        (note,) if lines else ("None.",),
    )


def _row(move: RowChange) -> Iterator[Scalar]:
    yield f"{move.row} (baseline)" if move.baseline else move.row
    yield from (move.old, move.new, move.retrained_models.difference)
    yield _interval(
        move.retrained_models if move.retrained_models.low is not None else move.fixed_models
    )
    yield p_text(move.retrained_models.p_holm, undefined="")
    yield move.retrained_models.verdict
    yield move.retrained_models.smallest_detectable
    yield move.fixed_models.verdict
    yield p_text(move.fixed_models.p_holm, undefined="")
    yield from (move.texts, move.documents, move.gold_changed, move.text_changed)
    yield move.retrained_models.reason


def _interval(answer: ChangeTest) -> str:
    if answer.low is None or answer.high is None:
        return ""
    return f"[{answer.low:.3f}, {answer.high:.3f}]"


def _style(move: RowChange) -> Style:
    if move.moved:
        return "bold"
    return "dim" if move.baseline else ""


def _notes(found: RunDiff) -> Iterator[str]:
    retrained = _rows(sum(move.retrained_models.p is not None for move in found.rows))
    fixed = _rows(sum(move.fixed_models.p is not None for move in found.rows))
    yield (
        f"verdict: do retrained models differ on new texts? Two-level t, p after Holm over {retrained}. "
        "fixed models: do these fixed models differ on new texts? Randomisation, p after Holm over "
        f"{fixed}. The interval is that of the verdict, or of the fixed models where there is none."
    )
    yield "detectable: the difference that the verdict's test detects at 80 % power."
    for reason in dict.fromkeys(
        move.retrained_models.reason for move in found.rows if move.retrained_models.reason
    ):
        rows = [move.row for move in found.rows if move.retrained_models.reason == reason]
        yield f"no verdict, {reason}: {', '.join(rows)}."
    for move in found.rows:
        if move.row != move.old_row:
            yield f"{move.row} is {move.old_row} of the old run."
    for run, alone in ((found.old, found.only_old), (found.new, found.only_new)):
        if alone:
            yield f"Only in {run}: {', '.join(alone)}."
    for reason in dict.fromkeys(found.not_compared.values()):
        rows = [row for row, why in found.not_compared.items() if why == reason]
        yield f"Not compared, {reason}: {', '.join(rows)}."
    if not found.rows:
        yield "No row is in both runs."


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _changed(found: RunDiff) -> Iterator[str]:
    for key, what in (("gold_changed", "gold"), ("text_changed", "wording")):
        for count, texts in sorted({(getattr(m, key), m.texts) for m in found.rows}):
            if count:
                rows = [m.row for m in found.rows if (getattr(m, key), m.texts) == (count, texts)]
                yield (
                    f"The {what} of {count} of the {texts} shared texts changed: the differences "
                    f"of these rows mix that with what they learned: {', '.join(rows)}."
                )


def _flip(flip: Flip) -> tuple[Scalar, ...]:
    gold = _sets(flip.new_gold)
    if flip.old_gold != flip.new_gold:
        gold = f"{_sets(flip.old_gold)} → {gold}"
    old, new = _set(flip.old_answer), _set(flip.new_answer)
    return flip.change, flip.text, gold, old, new, flip.text_id, flip.document


def _sets(references: Sequence[Emojis]) -> str:
    return " | ".join(map(_set, references))


def _set(emojis: Emojis) -> str:
    return " ".join(emojis) if emojis else "–"


def _plain(value: Any) -> Scalar:  # noqa: ANN401
    if value is None:
        return "–"
    if isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)
