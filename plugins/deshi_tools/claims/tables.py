"""Say in one plain sentence whether the evidence carries a claim, and what would decide it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deshi_tools.claims.evidence import ClaimVerdict, Evidence
from deshi_tools.tables.numbers import p_text
from deshi_tools.tables.table import Column, Line, Scalar, Table

_QUESTIONS = {
    "retrained-models": "retrained models on new texts",
    "fixed-models": "these fixed models on new texts",
}


def claims_table(claims: Sequence[ClaimVerdict]) -> Table:
    """Return one line a claim, its sentence last."""
    names = ("claim", "carried", "question", "a", "b")
    figures = ("difference", "low", "high", "p", "p after Holm", "smallest detectable")
    columns = (
        *map(Column, names),
        *(Column(name, "right", decimals=4) for name in figures),
        *(Column(name, "right") for name in ("pairs", "texts needed", "seeds needed")),
        Column("in words"),
    )
    return Table("Claims", columns, tuple(Line(tuple(_values(j))) for j in claims))


def sentence(found: ClaimVerdict) -> str:
    """Return what was claimed, what was found, and, where it is refused, what would decide it."""
    head = f'{"Carried" if found.carried else "Refused"}: "{found.claim}". '
    if found.difference is None:
        return head + f"{_capital(found.reason)}."
    parts = [_difference(found)]
    if found.p_holm is None:
        parts.append(f"There is no test: {found.reason}. {_without_test(found)}")
    else:
        parts.append(_test(found))
        if not found.carried:
            parts.append(_missing(found))
    return head + " ".join(parts)


def _needed(found: ClaimVerdict) -> str:
    """Say how many texts or seeds would show a difference of the size that was seen."""
    beyond = " beyond the margin" if found.margin else ""
    ways = []
    if found.texts_needed is not None:
        with_seeds = " with these seeds" if found.question == "retrained-models" else ""
        ways.append(f"about {found.texts_needed:,} texts like these{with_seeds}")
    if found.seeds_needed is not None:
        ways.append(f"about {found.seeds_needed:,} seeds with these texts")
    if not ways:
        return (
            "Neither more texts alone nor more seeds alone would detect a difference of this size"
            f"{beyond}."
        )
    return (
        f"{_capital(' or '.join(ways))} would detect a difference of this size{beyond} at 80 % "
        "power."
    )


def _difference(found: ClaimVerdict) -> str:
    side = "lower is better; " if found.direction == "lower" else ""
    word = "better" if found.points_right else "not better" if not found.difference else "worse"
    by = f" by {abs(found.difference or 0.0):.4f}" if found.difference else ""
    return (
        f"{found.a} is {word} than {found.b}{by} ({side}{found.a_value:.4f} against "
        f"{found.b_value:.4f}, difference {found.difference:+.4f}{_interval(found)})."
    )


def _interval(found: Evidence) -> str:
    if found.low is None or found.high is None:
        return ""
    return f", 95 % interval [{found.low:.4f}, {found.high:.4f}]"


def _test(found: ClaimVerdict) -> str:
    pairs = "1 pair" if found.family == 1 else f"{found.family} pairs"
    beyond = f" of a difference beyond {found.margin:g}" if found.margin else ""
    least = (
        f"; this test detects a difference of {found.smallest_detectable:.4f} at 80 % power"
        if found.smallest_detectable is not None
        else ""
    )
    return (
        f"For {_QUESTIONS[found.question]} the test{beyond} gives p {_equals(found.p_holm)} after "
        f"Holm over {pairs}{least}."
    )


def _missing(found: ClaimVerdict) -> str:
    if not found.points_right:
        return "If this is the true difference, more data would not support the claim."
    if found.margin and abs(found.difference or 0.0) <= found.margin:
        return "The difference is not larger than the margin."
    return _needed(found)


def _without_test(found: ClaimVerdict) -> str:
    if found.seeds_needed is None:
        return "More or other test documents could decide it."
    return (
        f"Raise benchmark.seeds to at least {found.seeds_needed}, or ask about these fixed models "
        "with --question fixed-models."
    )


def _equals(p: float | None) -> str:
    return p_text(p).replace("<", "< ") if p is not None and p < 0.001 else f"= {p_text(p)}"


def _values(found: ClaimVerdict) -> Iterator[Scalar]:
    yield from (found.claim, found.carried, found.question, found.a, found.b)
    yield from (found.difference, found.low, found.high, found.p, found.p_holm)
    yield from (found.smallest_detectable, found.family or None)
    yield from (found.texts_needed, found.seeds_needed, sentence(found))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
