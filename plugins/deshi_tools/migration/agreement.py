"""How far two teachers agree, beside how far each agrees with itself.

All figures are means over pairs of answers to one text: A's with B's, A's among themselves, B's among
themselves. Chance is the agreement of A's answers with those to other texts.

    normalised = AB / √(AA · BB)
    shift      = 1 - (AB - AB_chance) / (AA - AA_chance)

The shift reads as the share of A's answers in whose place B gives one that has no more to do with the
text than an answer to another text has; 0 where B agrees with A as A does with itself. Should B fall
short of A everywhere by a little, rather than now and then altogether, it is the share that would do
as much harm. Intervals are for these teachers on new documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from deshi.emoji import Alphabet
from deshi.statistics.intervals import Interval, fixed_models_difference, fixed_models_interval
from deshi.statistics.replicates import Replicates, RowScores, replicate

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.api.records import Array
    from deshi.statistics.intervals import Bounds
    from deshi.statistics.resampling import Resamples
    from deshi_tools.migration.answer_sets import AnswerSet

    Pairs: TypeAlias = Sequence[tuple[Sequence[object], Sequence[object]]]

ASKED_ONCE = "a teacher that was sampled once cannot be compared with itself; set samples = 2"
NO_ANCHOR = (
    "the old teacher does not clearly agree with itself more than with answers to other texts"
)
_SHUFFLES = 10


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure with its 95 % interval; None is undefined, and `reason` says why."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement on one metric; `first` and `second` are the teachers' agreement with themselves."""

    metric: str
    between: Figure
    first: Figure
    second: Figure
    chance: Figure
    normalised: Figure
    shift: Figure


def agreement(
    name: str,
    metric: Metric,
    a: AnswerSet,
    b: AnswerSet,
    resamples: Resamples,
    bounds: Bounds = (0.0, 1.0),
) -> Agreement:
    """Return the agreement of two teachers' answers to the same texts on a metric of likeness.

    `resamples` are over the documents of these texts, in their order.
    """
    found = _replicates(metric, a, b, resamples)

    def plain(role: str) -> Figure:
        return _figure(role, found.get(role), bounds)

    def made(label: str, make: Callable[..., Array], *roles: str, limits: Bounds) -> Figure:
        parts = [found.get(role) for role in roles]
        whole = [part for part in parts if part is not None]
        return _figure(label, _made(make, whole) if len(whole) == len(parts) else None, limits)

    return Agreement(
        metric=name,
        between=plain("between"),
        first=plain("first"),
        second=plain("second"),
        chance=plain("chance"),
        normalised=made(
            "normalised", _normalised, "between", "first", "second", limits=(0.0, None)
        ),
        shift=_no_anchor(found)
        or made(
            "shift", _shift, "between", "chance", "first", "first by chance", limits=(None, None)
        ),
    )


def _replicates(
    metric: Metric, a: AnswerSet, b: AnswerSet, resamples: Resamples
) -> dict[str, Replicates]:
    """Return the mean likeness of each sort of pair, without those that there are none of."""
    orders = list(_orders(len(a.samples)))
    rows = {
        "between": _between(metric, a, b),
        "chance": _shuffled(metric, a, b, orders),
        "first": _within(metric, a),
        "second": _within(metric, b),
        "first by chance": _shuffled(metric, a, a, orders),
    }
    known = {role: runs for role, runs in rows.items() if runs}
    found = replicate(metric, [RowScores(runs) for runs in known.values()], resamples)
    return dict(zip(known, found, strict=True))


def _no_anchor(found: Mapping[str, Replicates]) -> Figure | None:
    """Return an undefined shift where the old teacher's agreement with itself may be chance."""
    if "first" not in found:
        return None
    beyond = fixed_models_difference(found["first"], found["first by chance"])
    if beyond.low is not None and beyond.low > 0:
        return None
    return Figure(name="shift", value=None, reason=NO_ANCHOR)


def _normalised(between: Array, first: Array, second: Array) -> Array:
    return np.asarray(between / np.sqrt(first * second))


def _shift(between: Array, chance: Array, first: Array, by_chance: Array) -> Array:
    return np.asarray(1 - (between - chance) / (first - by_chance))


def _between(metric: Metric, a: AnswerSet, b: AnswerSet) -> list[object]:
    pairs = product(range(a.times), range(b.times))
    return [_likeness(metric, a, b, i, j) for i, j in pairs]


def _within(metric: Metric, own: AnswerSet) -> list[object]:
    return [_likeness(metric, own, own, i, j) for i, j in combinations(range(own.times), 2)]


def _shuffled(
    metric: Metric, a: AnswerSet, b: AnswerSet, orders: Sequence[Sequence[int]]
) -> list[object]:
    """Return the likeness of A's answers to B's answers to other texts."""
    found = []
    for at, order in enumerate(orders):
        expected = b.expected(at % b.times)
        others = tuple(expected[place] for place in order)
        predicted = a.predicted(at % a.times)
        found.append(metric.statistics(predicted, others, Alphabet.full()))
    return found


def _likeness(metric: Metric, a: AnswerSet, b: AnswerSet, i: int, j: int) -> object:
    return metric.statistics(a.predicted(i), b.expected(j), Alphabet.full())


def _orders(texts: int) -> Iterator[Sequence[int]]:
    rng = np.random.default_rng(0)
    for _ in range(_SHUFFLES):
        yield [int(place) for place in rng.permutation(texts)]


def _made(make: Callable[..., Array], parts: Sequence[Replicates]) -> Replicates:
    """Return the replicates of a function of several values on the same resamples."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return Replicates(
            points=make(*(np.array([part.value]) for part in parts)),
            drawn=make(*(part.drawn for part in parts)),
            retrained=None,
            without=make(*(part.without for part in parts)),
            noise=0.0,
            effective=parts[0].effective,
            deterministic=True,
        )


def _figure(name: str, found: Replicates | None, bounds: Bounds) -> Figure:
    if found is None:
        return Figure(name=name, value=None, reason=ASKED_ONCE)
    around: Interval = fixed_models_interval(found, bounds)
    return Figure(
        name=name, value=around.value, low=around.low, high=around.high, reason=around.reason
    )
