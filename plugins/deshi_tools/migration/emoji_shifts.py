"""Which emoji one teacher uses more than another.

The share of answers that carry an emoji, B's minus A's, with a 95 % interval over documents. p asks
whether swapping the teachers' answers by document would give any emoji so large a difference in its
own standard deviations: the largest over all emoji counts, so that p holds for the whole list
(Westfall and Young 1993, the single-step form). The log-odds ratio has a Dirichlet prior from both
teachers' counts together (Monroe, Colaresi and Quinn 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from deshi.emoji import inventory
from deshi.statistics.variance import Variance
from deshi_tools.migration.answer_sets import AnswerSet, count_per_document
from deshi_tools.migration.shifts import TRIES, swapped
from deshi_tools.scoring.rater_agreement import CohenKappa

if TYPE_CHECKING:
    from deshi.api.records import Array

LEAST_USES = 5
"""Uses by both teachers together, below which an emoji is left out."""
_KAPPA_USES = 20
_PRIOR = 100.0
"""How many emoji the prior of the log-odds ratio is worth."""


class EmojiMove(msgspec.Struct, frozen=True, kw_only=True):
    """One emoji: shares of answers that carry it, the difference, and how both use it.

    `kappa` is Cohen's for the teachers' first answers; None below 20 uses.
    """

    emoji: str
    name: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    p: float
    log_odds: float
    kappa: float | None


def emoji_moves(
    a: AnswerSet, b: AnswerSet, documents: Sequence[int], *, tries: int = TRIES, seed: int = 0
) -> tuple[EmojiMove, ...]:
    """Return every emoji with enough uses, the largest gain of B first."""
    names = _used(a, b)
    if not names:
        return ()
    one, other = (
        count_per_document(x, documents, names, lambda e: iter(set(e) & set(names))) for x in (a, b)
    )
    sizes = np.bincount(documents).astype(np.float64) * a.times
    moved = (other - one).sum(axis=0)
    differences = moved / sizes.sum()
    halves = _half_widths(other - one, differences, sizes)
    p = _p(one, other, tries, seed)
    odds = _log_odds(one.sum(axis=0), other.sum(axis=0))
    kappas = [_kappa(emoji, a, b) for emoji in names]
    shares = [x.sum(axis=0) / sizes.sum() for x in (one, other)]
    found = [
        EmojiMove(
            emoji=emoji,
            name=inventory()[emoji].name,
            first=float(shares[0][at]),
            second=float(shares[1][at]),
            difference=float(differences[at]),
            low=float(differences[at] - halves[at]) if np.isfinite(halves[at]) else None,
            high=float(differences[at] + halves[at]) if np.isfinite(halves[at]) else None,
            p=float(p[at]),
            log_odds=float(odds[at]),
            kappa=kappas[at],
        )
        for at, emoji in enumerate(names)
    ]
    return tuple(sorted(found, key=lambda move: -move.difference))


def _used(a: AnswerSet, b: AnswerSet) -> tuple[str, ...]:
    """Return the emoji that both together use often enough, in the inventory's order."""
    everything = tuple(inventory())
    texts = [0] * len(a.samples)
    totals = sum(
        count_per_document(x, texts, everything, lambda e: iter(set(e))).sum(axis=0) for x in (a, b)
    )
    return tuple(e for e, uses in zip(everything, totals, strict=True) if uses >= LEAST_USES)


def _half_widths(moved: Array, differences: Array, sizes: Array) -> Array:
    """Return half of a t interval of each difference of shares, documents being the units."""
    documents = len(sizes)
    if documents < 2:
        return np.full(len(differences), np.nan)
    rest = moved - differences * sizes[:, np.newaxis]
    variance = documents / (documents - 1) * (rest**2).sum(axis=0) / sizes.sum() ** 2
    effective = float(sizes.sum() ** 2 / (sizes**2).sum())
    t = Variance(1.0, max(1.0, effective - 1.0)).half_width()
    return np.asarray(t * np.sqrt(variance))


def _p(one: Array, other: Array, tries: int, seed: int) -> Array:
    """Return each emoji's p for the whole list."""
    first, second = swapped(one, other, tries, seed)
    chance = second - first
    deviation = np.sqrt((chance**2).mean(axis=0))
    deviation[deviation == 0] = np.inf
    largest = (np.abs(chance) / deviation).max(axis=1)
    observed = np.abs((other - one).sum(axis=0)) / deviation
    reached = (largest[:, np.newaxis] >= observed - 1e-12).sum(axis=0)
    return np.asarray((reached + 1) / (tries + 1))


def _log_odds(one: Array, other: Array) -> Array:
    """Return the log-odds ratio of B to A with a prior of `_PRIOR` emoji shared out as both use them."""
    prior = _PRIOR * (one + other) / (one + other).sum()
    odds = [np.log((x + prior) / (x.sum() + _PRIOR - x - prior)) for x in (one, other)]
    return np.asarray(odds[1] - odds[0])


def _kappa(emoji: str, a: AnswerSet, b: AnswerSet) -> float | None:
    codes = np.array([[int(emoji in own[0]) for own in x.samples] for x in (a, b)])
    if codes.sum() < _KAPPA_USES:
        return None
    kappa = CohenKappa(2)
    counts = kappa.counts(codes)
    value = float(kappa.value(counts.sum(axis=0), np.array(len(counts))))
    return value if np.isfinite(value) else None
