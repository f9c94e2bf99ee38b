"""How far apart the answers of two teachers are as a whole, and whether chance alone would do that.

If it makes no difference who answered, swapping the teachers' answers in any set of documents gives as
likely a pair (approximate randomisation; Noreen 1989): all samples of a document are swapped at once,
and p = (c + 1) / (R + 1). A distance is never 0 between finite samples, so what swapping gives on
average stands beside it, and so does the distance of the old teacher's answers from its own.

* `emoji`, `groups`: Jensen-Shannon divergence in bits of the shares of emoji, and of CLDR's groups
  (Lin 1991); 0 to 1.
* `length`: the Wasserstein-1 distance of the numbers of emoji in an answer, in emoji.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from deshi.emoji import inventory
from deshi.statistics.holm import holm
from deshi_tools.migration.answer_sets import AnswerSet, count_per_document

if TYPE_CHECKING:
    from deshi.api import Emojis
    from deshi.api.records import Array

TRIES = 2000
_LONGEST = 50


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A distance between two teachers' answers, and what is read beside it.

    `by_chance` is its mean where answers are swapped at random, `itself` the distance between two
    answers of the old teacher to each text, None where it was asked once.
    """

    name: str
    unit: str
    value: float
    by_chance: float
    p: float
    itself: float | None


@dataclass(frozen=True)
class _View:
    """One way to look at answers: what is counted, and how far apart two rows of counts are."""

    unit: str
    names: Sequence[str]
    labels: Callable[[Emojis], Iterator[str]]
    distance: Callable[[Array, Array], Array]


def shifts(
    a: AnswerSet, b: AnswerSet, documents: Sequence[int], *, tries: int = TRIES, seed: int = 0
) -> tuple[Shift, ...]:
    """Return the distances between the answers of two teachers to the same texts.

    `documents` numbers each text's document, from 0 without gaps. p is corrected by Holm over the
    distances.
    """
    found = [_shift(name, view, a, b, documents, tries, seed) for name, view in _views().items()]
    corrected = holm([one.p for one in found])
    return tuple(
        msgspec.structs.replace(one, p=p if p is not None else one.p)
        for one, p in zip(found, corrected, strict=True)
    )


def swapped(one: Array, other: Array, tries: int, seed: int) -> tuple[Array, Array]:
    """Return summed counts with documents swapped at random, two of shape (tries, names)."""
    rng = np.random.default_rng(seed)
    which = rng.integers(0, 2, size=(tries, len(one))).astype(np.float64)
    moved = which @ (other - one)
    return one.sum(axis=0) + moved, other.sum(axis=0) - moved


def _shift(
    name: str,
    view: _View,
    a: AnswerSet,
    b: AnswerSet,
    documents: Sequence[int],
    tries: int,
    seed: int,
) -> Shift:
    one, other = (count_per_document(x, documents, view.names, view.labels) for x in (a, b))
    value = float(view.distance(one.sum(axis=0)[np.newaxis], other.sum(axis=0)[np.newaxis])[0])
    by_chance = view.distance(*swapped(one, other, tries, seed))
    reached = int(np.count_nonzero(by_chance >= value - 1e-12))
    return Shift(
        name=name,
        unit=view.unit,
        value=value,
        by_chance=float(by_chance.mean()),
        p=(reached + 1) / (tries + 1),
        itself=_itself(view, a, documents),
    )


def _itself(view: _View, a: AnswerSet, documents: Sequence[int]) -> float | None:
    if a.times < 2:
        return None
    halves = [AnswerSet(a.name, [(own[at],) for own in a.samples]) for at in (0, 1)]
    one, other = (
        count_per_document(half, documents, view.names, view.labels).sum(axis=0) for half in halves
    )
    return float(view.distance(one[np.newaxis], other[np.newaxis])[0])


def divergence(one: Array, other: Array) -> Array:
    """Return the Jensen-Shannon divergence in bits of rows of counts, (rows, names) to (rows,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = one / one.sum(axis=-1, keepdims=True)
        q = other / other.sum(axis=-1, keepdims=True)
        middle = (p + q) / 2
        parts = [np.where(x > 0, x * np.log2(x / middle), 0.0).sum(axis=-1) for x in (p, q)]
    return np.asarray((parts[0] + parts[1]) / 2)


def wasserstein(one: Array, other: Array) -> Array:
    """Return the Wasserstein-1 distance of histograms over 0, 1, 2, …, (rows, names) to (rows,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = one.cumsum(axis=-1) / one.sum(axis=-1, keepdims=True)
        q = other.cumsum(axis=-1) / other.sum(axis=-1, keepdims=True)
    return np.asarray(np.abs(p - q).sum(axis=-1))


def _views() -> Mapping[str, _View]:
    known = inventory()
    groups = tuple(dict.fromkeys(info.group for info in known.values()))
    lengths = tuple(str(n) for n in range(_LONGEST + 1))
    return {
        "emoji": _View("bits", tuple(known), iter, divergence),
        "groups": _View("bits", groups, lambda e: (known[one].group for one in e), divergence),
        "length": _View(
            "emoji", lengths, lambda e: iter((str(min(len(e), _LONGEST)),)), wasserstein
        ),
    }
