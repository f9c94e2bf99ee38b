"""What speaks against a row that is given to others: said in its card, and on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deshi_tools.tables.numbers import p_text

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi_tools.results_view.results_view import Difference, ResultsView

_BASELINE = "the majority baseline, which predicts the same for every text"


def doubts(view: ResultsView, row: Row) -> Iterator[str]:
    """Yield a sentence for each flag of a row."""
    if view.ignores_input(row):
        found = (row.input_dependence or {})["p"]
        yield (
            "Its predictions, shuffled over the texts, score as well: it ignores its input, as far "
            f"as this test shows (p {p_text(found)})."
        )
    beside = view.to_majority.get(row.id)
    if beside is not None and view.gain(beside) < 0:
        yield f"It lies below {_BASELINE}: {_compared(view, beside)}."
    elif beside is not None and beside.p is not None and not beside.is_clear:
        yield f"It is not shown to beat {_BASELINE}: {_compared(view, beside)}."
    if view.is_collapsed(row):
        own, gold = view.effective_emoji(row)
        yield (
            "Its predictions have collapsed onto few emoji: an effective number of "
            f"{own:.0f}, where the labels have {gold:.0f}."
        )


def beside_baseline(view: ResultsView, row: Row) -> str:
    """Return how a row stands to the majority baseline; empty where there is none."""
    beside = view.to_majority.get(row.id)
    if beside is None:
        return ""
    return f"Compared with {_BASELINE}: {_compared(view, beside)}."


def _compared(view: ResultsView, beside: Difference) -> str:
    """Return a difference in words, with its interval and its p where there are any."""
    gain = view.gain(beside)
    how = "better" if gain > 0 else "worse"
    said = [f"{view.primary.name} is {abs(gain):.3f} {how} ({beside.value:+.3f}"]
    if beside.low is not None and beside.high is not None:
        said.append(f", 95 % interval [{beside.low:+.3f}, {beside.high:+.3f}]")
    why = f", not tested: {beside.reason}" if beside.reason else ", not tested"
    said.append(why if beside.p is None else f", p {p_text(beside.p)}")
    return f"{''.join(said)})"
