"""Turn what a row gets wrong into tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deshi_tools.tables.table import Column, Line, Scalar, Table

if TYPE_CHECKING:
    from deshi.api import Emojis
    from deshi_tools.error_analysis.mistakes import Disagreement, EvaluatedText, Mistakes, TagCount
    from deshi_tools.error_analysis.slices import Slice

_DOCUMENT = "document"
_ANSWERS = "The predictions are those of the row's first run; a value is the mean over runs."


def tags_table(found: Mistakes) -> Table:
    """Return how many texts have each tag."""
    columns = (
        Column("tag"),
        Column("texts", "right"),
        Column("share", "right", decimals=3),
        Column("95 % interval", "right"),
        Column("rule"),
    )
    lines = tuple(Line(_tag(one)) for one in found.tags)
    return Table(f"{found.row}: what goes wrong", columns, lines, tuple(_origin(found)))


def slices_table(found: Mistakes) -> Table:
    """Return the value on parts of the test set, documents left out."""
    return _slices(found, [one for one in found.slices if one.by != _DOCUMENT])


def documents_table(found: Mistakes) -> Table:
    """Return the value on each document, the worst first."""
    own = [one for one in found.slices if one.by == _DOCUMENT]
    sign = -1 if found.direction == "lower" else 1
    known = sorted(
        (one for one in own if one.value is not None), key=lambda one: sign * (one.value or 0.0)
    )
    return _slices(found, [*known, *(one for one in own if one.value is None)])


def worst_table(found: Mistakes, texts: int) -> Table:
    """Return the texts with the worst values."""
    title = f"The worst texts of {found.row}"
    return _texts(title, found, found.ordered(best=False)[:texts])


def best_table(found: Mistakes, texts: int) -> Table:
    """Return the texts with the best values."""
    return _texts(f"The best texts of {found.row}", found, found.ordered(best=True)[:texts])


def texts_table(found: Mistakes) -> Table:
    """Return every text, in the order of the test set."""
    return _texts(f"The texts of {found.row}", found, found.texts)


def against_table(found: Mistakes, texts: int) -> Table:
    """Return the texts on which two rows differ most."""
    columns = (
        Column("difference", "right", decimals=3, signed=True),
        Column("text"),
        Column("gold"),
        Column("answer"),
        Column("other"),
        Column("id", wide=True),
        Column(_DOCUMENT, wide=True),
    )
    lines = tuple(Line(_disagreement(one)) for one in found.disagreements[:texts])
    ahead = sum(one.difference > 0 for one in found.disagreements)
    behind = len(found.disagreements) - ahead
    note = (
        f"{found.row} has the higher {found.metric} on {ahead} texts, {found.against} on {behind}; "
        "on "
        f"{found.same} they are equal. {_ANSWERS}"
    )
    return Table(f"{found.row} against {found.against} (other)", columns, lines, (note,))


SUMMARY = ("tags", "slices", "worst", "best")
"""What is shown where nothing else is asked for, with `against` where there is another row."""


def part_table(found: Mistakes, part: str, texts: int) -> Table:
    """Return one part of the analysis; `texts` limits the worst, the best and the disagreements."""
    whole = {
        "tags": tags_table,
        "slices": slices_table,
        "documents": documents_table,
        "texts": texts_table,
    }
    limited = {"worst": worst_table, "best": best_table, "against": against_table}
    return whole[part](found) if part in whole else limited[part](found, texts)


def _origin(found: Mistakes) -> Iterator[str]:
    yield (
        f"{len(found.texts)} texts. Tags follow the rules beside them; a text can have several. "
        "--export writes them to a file for correction, --tags reads it back."
    )
    if found.corrected:
        yield f"The tags of {found.corrected} texts were assigned by hand."


def _slices(found: Mistakes, parts: Sequence[Slice]) -> Table:
    columns = (
        Column("slice"),
        Column("texts", "right"),
        Column("documents", "right"),
        Column(found.metric, "right", decimals=3),
        Column("95 % interval", "right"),
        Column("reason", wide=True),
    )
    lines = []
    by = ""
    for one in parts:
        section, by = ("" if one.by == by else one.by), one.by
        interval = _interval(one.low, one.high)
        values = (one.name, one.texts, one.documents, one.value, interval, one.reason)
        lines.append(Line(values, section=section))
    return Table(f"{found.row}: parts of the test set", columns, tuple(lines), tuple(_cuts(parts)))


def _cuts(parts: Sequence[Slice]) -> Iterator[str]:
    kinds = {one.by for one in parts}
    if "length" in kinds:
        yield "length: characters of the text that the student reads."
    if "gold emoji" in kinds:
        yield (
            "gold emoji: by the emoji of a text's gold that is most frequent in training: frequent "
            "ones make up half of all training labels, rare ones are in fewer than 5 training "
            "texts."
        )
    yield (
        "Interval: these fixed models on new texts, bootstrap over documents; empty: too few documents."
    )


def _texts(title: str, found: Mistakes, texts: Sequence[EvaluatedText]) -> Table:
    columns = (
        Column(found.metric, "right", decimals=3),
        Column("text"),
        Column("gold"),
        Column("answer"),
        Column("tags"),
        Column("id", wide=True),
        Column(_DOCUMENT, wide=True),
    )
    return Table(title, columns, tuple(Line(_text(one)) for one in texts), (_ANSWERS,))


def _tag(one: TagCount) -> tuple[Scalar, ...]:
    return (
        one.tag,
        one.texts,
        one.share,
        _interval(one.low, one.high),
        one.rule or "assigned by hand",
    )


def _text(one: EvaluatedText) -> tuple[Scalar, ...]:
    answer = _set(one.answer) + (f" (+{one.unknown} no emoji)" if one.unknown else "")
    return one.value, one.text, _sets(one.gold), answer, ", ".join(one.tags), one.id, one.document


def _disagreement(one: Disagreement) -> tuple[Scalar, ...]:
    sets = _sets(one.gold), _set(one.answer), _set(one.other)
    return one.difference, one.text, *sets, one.id, one.document


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{low:.3f}, {high:.3f}]"


def _sets(references: Sequence[Emojis]) -> str:
    return " | ".join(map(_set, references))


def _set(emojis: Emojis) -> str:
    return " ".join(emojis) if emojis else "–"
