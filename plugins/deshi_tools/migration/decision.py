"""Answer the rule that a benchmark file wrote down: yes, no, or cannot tell.

A condition is met if the whole 95 % interval lies on its side, missed if none of it does; between, the
evidence does not tell. The number of texts that would about do is that at which the interval, shrinking
with the root of their number, would just reach the bound; the value seen is taken for the true one, so
read it as an order of magnitude. An interval for newly trained students shrinks so only if there are as
many times the training runs, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import msgspec

from deshi_tools.migration.record import Criterion, Decision, Transfer, Verdict

if TYPE_CHECKING:
    from deshi_tools.migration.agreement import Agreement, Figure
    from deshi_tools.migration.record import Bill, Rate

_MOST_TEXTS = 10_000_000
_FREE = "the old teacher's labels cost nothing"
_NO_COST = "the cost of the calls is not known for both"


def decide(
    accept: Mapping[str, Any],
    *,
    agreement: Agreement,
    rates: Sequence[Rate],
    bills: Sequence[Bill],
    transfers: Sequence[Transfer],
    texts: int,
) -> Decision | None:
    """Return the answer, or None where the file names no condition.

    `texts` are the test texts that were asked.
    """
    bounds = {key: float(value) for key, value in accept.items() if key != "gold"}
    criteria = [
        *_measured(bounds, agreement, texts),
        *_failures(bounds, rates, texts),
        *_cost(bounds, bills),
        *_losses(bounds, transfers, str(accept.get("gold", "reference")), texts),
    ]
    return Decision(verdict=_together(criteria), criteria=tuple(criteria)) if criteria else None


def criterion_for(
    name: str, says: str, bound: float, figure: Figure | Transfer, texts: int, *, at_least: bool
) -> Criterion:
    """Judge one figure against its bound."""
    value = figure.difference if isinstance(figure, Transfer) else figure.value
    low, high = figure.low, figure.high
    verdict: Verdict = "cannot tell"
    needed = None
    if value is not None and low is not None and high is not None:
        good, bad = (low >= bound, high < bound) if at_least else (high <= bound, low > bound)
        verdict = "yes" if good else "no" if bad else "cannot tell"
        if verdict == "cannot tell":
            needed = _needed(value, low, high, bound, texts)
    return Criterion(
        name=name,
        says=says,
        bound=bound,
        value=value,
        low=low,
        high=high,
        verdict=verdict,
        needed=needed,
        reason=figure.reason,
    )


def _needed(value: float, low: float, high: float, bound: float, texts: int) -> int | None:
    """Return how many texts would bring the end of the interval that is in the way to the bound."""
    apart = abs(value - bound)
    reach = value - low if value > bound else high - value
    if apart == 0 or reach > apart * _MOST_TEXTS:
        return None
    reach /= apart
    at_an_edge = value in (low, high)  # no text or every text: Wilson's interval shrinks with n
    enough = texts * (reach if at_an_edge else reach**2)
    return max(texts + 1, ceil(enough)) if enough <= _MOST_TEXTS else None


def _measured(bounds: Mapping[str, float], agreement: Agreement, texts: int) -> Iterator[Criterion]:
    if (bound := bounds.get("least-agreement")) is not None:
        says = f"normalised agreement on {agreement.metric} is at least {bound:g}"
        figure = agreement.normalised
        yield criterion_for("least-agreement", says, bound, figure, texts, at_least=True)
    if (bound := bounds.get("most-shift")) is not None:
        says = f"at most {bound:.1%} of the answers have shifted"
        yield criterion_for("most-shift", says, bound, agreement.shift, texts, at_least=False)


def _failures(
    bounds: Mapping[str, float], rates: Sequence[Rate], texts: int
) -> Iterator[Criterion]:
    bound = bounds.get("most-failures")
    for rate in rates if bound is not None else ():
        if rate.is_fault and bound is not None:
            says = f"{rate.call}, {rate.what}: at most {bound:.1%} of the new teacher's texts"
            yield criterion_for("most-failures", says, bound, rate.second, texts, at_least=False)


def _cost(bounds: Mapping[str, float], bills: Sequence[Bill]) -> Iterator[Criterion]:
    bound = bounds.get("most-cost")
    if bound is None:
        return
    old, new = (bill.usd_per_thousand for bill in bills)
    ratio = new / old if old and new is not None else None
    verdict: Verdict = "cannot tell" if ratio is None else "yes" if ratio <= bound else "no"
    yield Criterion(
        name="most-cost",
        says=f"1,000 accepted labels cost at most {bound:g} times the old price",
        bound=bound,
        value=ratio,
        low=ratio,
        high=ratio,
        verdict=verdict,
        reason="" if ratio is not None else _FREE if old == 0 else _NO_COST,
    )


def _losses(
    bounds: Mapping[str, float], transfers: Sequence[Transfer], gold: str, texts: int
) -> Iterator[Criterion]:
    bound = bounds.get("most-loss")
    if bound is None:
        return
    known = [transfer for transfer in transfers if transfer.gold == gold]
    if not known:
        missing = f"no student is trained on both and evaluated against '{gold}'"
        known = [
            Transfer(
                student="any student",
                gold=gold,
                difference=None,
                low=None,
                high=None,
                p=None,
                question="retrained-models",
                reason=missing,
            )
        ]
    for transfer in known:
        says = f"{transfer.student} loses at most {bound:g}, evaluated against '{gold}'"
        found = criterion_for("most-loss", says, -bound, transfer, texts, at_least=True)
        if (
            found.needed is not None
            and transfer.seeds > 1
            and transfer.question == "retrained-models"
        ):
            runs = ceil(transfer.seeds * found.needed / texts)
            found = msgspec.structs.replace(found, needed_seeds=runs)
        yield found


def _together(criteria: Sequence[Criterion]) -> Verdict:
    verdicts = {criterion.verdict for criterion in criteria}
    return "no" if "no" in verdicts else "cannot tell" if "cannot tell" in verdicts else "yes"
