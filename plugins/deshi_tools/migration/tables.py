"""What a change of teacher does, in words and as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from deshi.statistics.holm import ALPHA
from deshi_tools.migration.paired_answers import context_text
from deshi_tools.tables.numbers import p_text
from deshi_tools.tables.table import Column, Line, Scalar, Table

if TYPE_CHECKING:
    from deshi_tools.migration.agreement import Figure
    from deshi_tools.migration.emoji_shifts import EmojiMove
    from deshi_tools.migration.record import Criterion, TeacherComparison

SHOWN = 10


def sentences(found: TeacherComparison) -> Iterator[str]:
    """Yield what a reader must know first: the answer of the rule, then what has changed."""
    if found.decision is not None:
        yield _answer(found)
    else:
        yield (
            "No rule was set beforehand for this change: [migration] in the benchmark file names "
            "the two teachers, [migration.accept] the conditions, which are then tested here."
        )
    yield _agreeing(found)
    yield _moving(found)
    yield _inputs(found)
    if found.others:
        others = "; ".join(context_text(one) for one in found.others)
        yield (
            f"All of this is for {context_text(found.context)}. The run has other combinations of "
            f"both; choose with --only AXIS=LABEL: {others}."
        )


def _answer(found: TeacherComparison) -> str:
    assert found.decision is not None
    words = {"yes": "Yes", "no": "No", "cannot tell": "Cannot tell"}
    head = f"{words[found.decision.verdict]}: may {found.second} take the place of {found.first}?"
    open_ones = [c for c in found.decision.criteria if c.verdict == found.decision.verdict]
    if found.decision.verdict == "yes":
        return f"{head} All {len(open_ones)} conditions are met."
    what = "are not met" if found.decision.verdict == "no" else "are open"
    told = "; ".join(_criterion(one) for one in open_ones)
    return f"{head} Of {len(found.decision.criteria)} conditions {len(open_ones)} {what}: {told}."


def _criterion(one: Criterion) -> str:
    if one.value is None:
        return f"{one.says} ({one.reason})"
    interval = "" if one.low == one.high else f" [{one.low:.3f}, {one.high:.3f}]"
    seen = f"{one.says} (it is {one.value:.3f}{interval}"
    if one.needed is None:
        return f"{seen})"
    seeds = f" with {one.needed_seeds} training runs each" if one.needed_seeds else ""
    return f"{seen}; about {one.needed:,} test texts{seeds} would decide)"


def _agreeing(found: TeacherComparison) -> str:
    own = found.agreement[0]
    head = f"{found.second} agrees with {found.first} at {_value(own.between)} {own.metric}"
    if own.first.value is None:
        return f"{head}; {own.first.reason}."
    beside = (
        f"{found.first} with itself at {_value(own.first)}, and {found.second} at "
        f"{_value(own.second)}"
    )
    shift = own.shift
    if shift.value is None or shift.low is None:
        return f"{head}, {beside}."
    clear = "no shift is shown" if shift.low <= 0 else "the answers have shifted"
    return (
        f"{head}, {beside}: {clear}. About {max(0.0, shift.value):.0%} of {found.second}'s answers "
        f"are as unrelated to the text as another text's [{shift.low:.0%}, {shift.high:.0%}]."
    )


def _moving(found: TeacherComparison) -> str:
    clear = [one for one in found.shifts if one.p <= ALPHA]
    gains = [one for one in found.emoji if one.p <= ALPHA]
    if not clear and not gains:
        return (
            "Overall, no difference is shown in which emoji both use, of which kinds, or how many."
        )
    told = ", ".join(f"{_WHOLE[one.name]} (p {p_text(one.p)})" for one in clear)
    head = f"Overall, the answers differ in {told}. " if told else ""
    more = [one.emoji for one in gains if one.difference > 0][:5]
    less = [one.emoji for one in reversed(gains) if one.difference < 0][:5]
    parts = [f"more often {' '.join(more)}"] * bool(more) + [f"less often {' '.join(less)}"] * bool(
        less
    )
    return head + (f"{found.second} uses {' and '.join(parts)}." if parts else "")


_WHOLE = {"emoji": "which emoji", "groups": "which kinds of emoji", "length": "how many emoji"}


def _inputs(found: TeacherComparison) -> str:
    same = (
        "both labelled the same wording"
        if found.same_inputs
        else "each labelled its own rewrite of a text, so differences mix both steps"
    )
    return (
        f"{found.paired} of {found.texts} test texts in {found.documents} documents were labelled "
        f"by both, {found.samples} times each; {same}."
    )


def tables(found: TeacherComparison) -> Mapping[str, Table]:
    """Return all parts as tables, by name, without those that have nothing to say."""
    makers: Mapping[str, Callable[[TeacherComparison], Table]] = {
        "decision": decision_table,
        "agreement": agreement_table,
        "shift": shift_table,
        "emoji": emoji_table,
        "rates": rates_table,
        "cost": cost_table,
        "cross": cross_table,
        "transfer": transfer_table,
        "lengths": strata_table,
        "terms": terms_table,
    }
    made = {name: make(found) for name, make in makers.items()}
    return {name: table for name, table in made.items() if table.lines}


def decision_table(found: TeacherComparison) -> Table:
    """Return the conditions that were written beforehand, each with its answer."""
    styles: Mapping[str, str] = {"yes": "green", "no": "red", "cannot tell": "yellow"}
    criteria = found.decision.criteria if found.decision else ()
    lines = [
        Line(
            (
                one.verdict,
                one.says,
                one.value,
                _ends(one.low, one.high),
                one.needed,
                one.needed_seeds,
                one.reason,
            ),
            style=styles[one.verdict],  # type: ignore[arg-type]
        )
        for one in criteria
    ]
    columns = (
        Column("met"),
        Column("condition"),
        Column("observed", "right", decimals=3),
        Column("95 % interval"),
        Column("texts needed", "right"),
        Column("runs needed", "right"),
        Column("reason", wide=True),
    )
    return Table(f"May {found.second} take the place of {found.first}?", columns, tuple(lines))


def agreement_table(found: TeacherComparison) -> Table:
    """Return how far the teachers agree, beside how far each agrees with itself."""
    parts = ("between", "first", "second", "chance", "normalised", "shift")
    names = {
        "between": f"{found.first} and {found.second}",
        "first": f"{found.first} and itself",
        "second": f"{found.second} and itself",
        "chance": "with answers to other texts",
        "normalised": "normalised: 1 is as much as each agrees with itself",
        "shift": "shift: answers as unrelated as another text's",
    }
    lines = [
        Line((names[part], *_figure(getattr(own, part))), section=own.metric if not at else "")
        for own in found.agreement
        for at, part in enumerate(parts)
    ]
    columns = (Column("agreement"), *_FIGURE, Column("reason", wide=True))
    return Table("Agreement per text", columns, tuple(lines), caption=_ARTEFACT)


def shift_table(found: TeacherComparison) -> Table:
    """Return how far the answers differ as a whole."""
    lines = [
        Line(
            (f"{_WHOLE[one.name]}, {one.unit}", one.value, one.by_chance, one.itself, p_text(one.p))
        )
        for one in found.shifts
    ]
    lines += [
        Line((f"{one.what}: {name}", *_figure(figure)[:1], None, None, ""))
        for one in found.means
        for name, figure in ((one.first.name, one.first), (one.second.name, one.second))
    ]
    columns = (
        Column("distance"),
        Column("observed", "right", decimals=4),
        Column("by chance", "right", decimals=4),
        Column(f"{found.first} from itself", "right", decimals=4),
        Column("p", "right"),
    )
    caption = (
        "Jensen-Shannon divergence and Wasserstein-1 distance. By chance, and p: the teachers' "
        "answers permuted document by document; p after Holm's correction over the three. From "
        "itself: one answer per text against another; fewer answers, so a larger distance."
    )
    return Table("The answers as a whole", columns, tuple(lines), caption=caption)


def emoji_table(found: TeacherComparison) -> Table:
    """Return the emoji that gained and lost most."""
    gains = [one for one in found.emoji if one.difference > 0][:SHOWN]
    losses = [one for one in reversed(found.emoji) if one.difference < 0][:SHOWN]
    lines = [
        Line(_emoji(one), style="bold" if one.p <= ALPHA else "", section="" if at else section)
        for section, ones in (("gained", gains), ("lost", losses))
        for at, one in enumerate(ones)
    ]
    columns = (
        Column("emoji"),
        Column("name"),
        Column(found.first, "right", decimals=3),
        Column(found.second, "right", decimals=3),
        Column("difference", "right", decimals=3, signed=True),
        Column("95 % interval"),
        Column("p", "right"),
        Column("log odds", "right", decimals=2, signed=True),
        Column("kappa", "right", decimals=2),
    )
    caption = (
        "Share of answers with the emoji. p is corrected for the whole list (Westfall and Young); "
        "0.05 or less is bold. kappa: agreement on which texts have it."
    )
    return Table("Emoji that gained and lost most", columns, tuple(lines), caption=caption)


def rates_table(found: TeacherComparison) -> Table:
    """Return what went wrong with the calls, and the style of what was written."""
    lines, section = [], ""
    for one in found.rates:
        head, section = ("" if one.call == section else one.call), one.call
        first, second = (_figure(figure)[:2] for figure in (one.first, one.second))
        lines.append(Line((one.what, *first, *second), section=head))
    columns = (
        Column("share of texts"),
        Column(found.first, "right", decimals=3),
        Column("95 % interval"),
        Column(found.second, "right", decimals=3),
        Column("95 %"),
    )
    times = "its answer" if found.samples == 1 else f"any of its {found.samples} answers"
    caption = f"A text counts as a fault of the label call if {times} has the fault."
    return Table("Reliability of the calls", columns, tuple(lines), caption=caption)


def cost_table(found: TeacherComparison) -> Table:
    """Return what the labels cost and took."""
    lines = [
        Line(
            (
                bill.teacher,
                bill.calls or None,
                bill.accepted,
                bill.usd,
                bill.usd_per_thousand,
                bill.seconds_median,
                bill.seconds_p95,
            )
        )
        for bill in found.bills
    ]
    columns = (
        Column("teacher"),
        Column("timed calls", "right"),
        Column("accepted", "right"),
        Column("USD", "right", decimals=4),
        Column("USD per 1,000 accepted", "right", decimals=4),
        Column("seconds per call", "right", decimals=2),
        Column("95th percentile", "right", decimals=2),
    )
    caption = (
        "USD: the labels of this run, rewrites included, whenever they were paid for. Timed calls: "
        "all calls to the teacher in the workspace, of other runs too."
    )
    return Table("What the labels cost", columns, tuple(lines), caption=caption)


def cross_table(found: TeacherComparison) -> Table:
    """Return every student by who taught it and whose labels judge it."""
    lines, section = [], ""
    for one in sorted(found.cross, key=lambda cell: (cell.gold, cell.student, -(cell.value or 0))):
        head, section = ("" if one.gold == section else f"evaluated against {one.gold}"), one.gold
        values = (one.student, one.taught, one.value, _ends(one.low, one.high), one.tie_group)
        lines.append(Line(values, section=head))
    columns = (
        Column("student"),
        Column("trained on"),
        Column("score", "right", decimals=3),
        Column("95 % interval"),
        Column("sig."),
    )
    caption = (
        "Scores against different gold are not comparable; rows that share a significance letter "
        "cannot be distinguished."
    )
    return Table("Students by training labels and gold", columns, tuple(lines), caption=caption)


def transfer_table(found: TeacherComparison) -> Table:
    """Return what each student gains by the new teacher."""
    lines = [
        Line(
            (
                one.student,
                one.gold,
                one.difference,
                _ends(one.low, one.high),
                p_text(one.p, undefined=""),
                one.question,
            )
        )
        for one in found.transfers
    ]
    columns = (
        Column("student"),
        Column("gold"),
        Column(f"trained on {found.second} − {found.first}", "right", decimals=3, signed=True),
        Column("95 % interval"),
        Column("p", "right"),
        Column("question", wide=True),
    )
    return Table(
        "What students gain by the new teacher",
        columns,
        tuple(lines),
        caption="p after Holm's correction over all pairs of the comparison group.",
    )


def strata_table(found: TeacherComparison) -> Table:
    """Return the agreement of the first answers by length of the text."""
    lines = [
        Line((one.name, one.texts, one.documents, one.value, _ends(one.low, one.high)))
        for one in found.strata
    ]
    columns = (
        Column("characters"),
        Column("texts", "right"),
        Column("documents", "right"),
        Column("agreement", "right", decimals=3),
        Column("95 % interval"),
    )
    return Table("Agreement by the length of the text", columns, tuple(lines))


def terms_table(found: TeacherComparison) -> Table:
    """Return both teachers' terms side by side."""
    keys = ("licence", "train_models", "redistribute", "source", "as_of")
    own = [found.terms.get(name) or {} for name in (found.first, found.second)]
    lines = [
        Line((key.replace("_", " "), *(str(t.get(key) or "unknown") for t in own))) for key in keys
    ]
    columns = (Column("terms"), Column(found.first), Column(found.second))
    caption = "As the plugin authors read them; no legal advice."
    return Table("Terms of use", columns, tuple(lines), caption=caption)


_FIGURE = (Column("value", "right", decimals=3), Column("95 % interval"))
_ARTEFACT = "Intervals: these teachers on new texts, bootstrap over documents."


def _emoji(one: EmojiMove) -> tuple[Scalar, ...]:
    shares = (one.first, one.second, one.difference, _ends(one.low, one.high))
    return (one.emoji, one.name, *shares, p_text(one.p), one.log_odds, one.kappa)


def _figure(figure: Figure) -> tuple[Scalar, ...]:
    return figure.value, _ends(figure.low, figure.high), figure.reason


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "an undefined"
    return f"{figure.value:.3f} {_ends(figure.low, figure.high)}".strip()


def _ends(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{low:.3f}, {high:.3f}]"
