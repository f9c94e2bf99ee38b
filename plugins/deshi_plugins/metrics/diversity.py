"""Diversity of all predictions together, and its shortfall from the gold's.

All work on p, the shares of each emoji among all emoji of the predictions, repeats included. None
measures correctness: random predictions are the most diverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import entr, rel_entr

from deshi.api import NoParams
from deshi_plugins.metrics.base import CountsMetric, ratio

if TYPE_CHECKING:
    from deshi.api.records import Array

TOP = 5


class Entropy(CountsMetric[NoParams]):
    """H = -Σ p ln p, in nats (Shannon 1948)."""

    def of_counts(self, sums: Array) -> Array:
        """Return H for rows of summed counts, (rows, k) to (rows,)."""
        return entropy(sums)


class EffectiveEmoji(CountsMetric[NoParams]):
    """exp(H): as varied as this many emoji used equally often (Hill 1973, order 1)."""

    def of_counts(self, sums: Array) -> Array:
        """Return exp(H) for rows of summed counts, (rows, k) to (rows,)."""
        return np.exp(entropy(sums))


class InverseSimpson(CountsMetric[NoParams]):
    """1 / Σ p² (Simpson 1949; Hill 1973, order 2)."""

    def of_counts(self, sums: Array) -> Array:
        """Return 1 / Σ p² for rows of summed counts, (rows, k) to (rows,)."""
        return ratio(sums.sum(axis=1) ** 2, np.einsum("ij,ij->i", sums, sums))


class Distinct1(CountsMetric[NoParams]):
    """Different emoji over all emoji of the predictions (Li 2016); falls as there are more texts."""

    def of_counts(self, sums: Array) -> Array:
        """Return types / tokens for rows of summed counts, (rows, k) to (rows,)."""
        return ratio(np.count_nonzero(sums, axis=1), sums.sum(axis=1))


class Top5Share(CountsMetric[NoParams]):
    """The share of the predictions' own five most frequent emoji."""

    def of_counts(self, sums: Array) -> Array:
        """Return the share of the largest five for rows of summed counts, (rows, k) to (rows,)."""
        top = min(TOP, sums.shape[1])
        largest = np.partition(sums, sums.shape[1] - top, axis=1)[:, sums.shape[1] - top :]
        return ratio(largest.sum(axis=1), sums.sum(axis=1))


class NonTop5(CountsMetric[NoParams]):
    """The share of predicted emoji that are not among the gold's five most frequent.

    Read it beside the gold's own, got by scoring the gold as if it were the prediction. Of emoji
    that are equally frequent in the gold, the earlier in the alphabet counts as more frequent.
    """

    blocks = 2
    top = TOP

    def of_counts(self, sums: Array) -> Array:
        """Return the share outside the top for rows of summed counts, (rows, k) to (rows,)."""
        counts, gold = np.split(sums, 2, axis=1)
        top = min(self.top, gold.shape[1])
        order = np.argsort(-gold, axis=1, kind="stable")[:, :top]
        frequent = np.take_along_axis(gold, order, axis=1) > 0
        inside = (np.take_along_axis(counts, order, axis=1) * frequent).sum(axis=1)
        total = counts.sum(axis=1)
        return ratio(total - inside, total)


class Coverage(CountsMetric[NoParams]):
    """The share of the gold's different emoji that were predicted at least once."""

    blocks = 2

    def of_counts(self, sums: Array) -> Array:
        """Return |types of P ∩ types of G| / |types of G|, (rows, k) to (rows,)."""
        counts, gold = np.split(sums > 0, 2, axis=1)
        return ratio(np.count_nonzero(counts & gold, axis=1), np.count_nonzero(gold, axis=1))


class CollapseIndex(CountsMetric[NoParams]):
    """Mode collapse: max(0, 1 - exp H(predictions) / exp H(gold)); 0 is as varied as the gold."""

    blocks = 2

    def of_counts(self, sums: Array) -> Array:
        """Return the index for rows of summed counts, (rows, k) to (rows,)."""
        counts, gold = np.split(sums, 2, axis=1)
        return np.maximum(0.0, 1.0 - np.exp(entropy(counts) - entropy(gold)))


class JsDivergence(CountsMetric[NoParams]):
    """Jensen-Shannon divergence of predictions and gold, in bits: 0 alike, 1 disjoint (Lin 1991)."""

    blocks = 2

    def of_counts(self, sums: Array) -> Array:
        """Return ½ KL(P ‖ M) + ½ KL(G ‖ M), M = (P + G) / 2, (rows, k) to (rows,)."""
        p, q = (part / part.sum(axis=1, keepdims=True) for part in np.split(sums, 2, axis=1))
        middle = (p + q) / 2
        nats = (rel_entr(p, middle).sum(axis=1) + rel_entr(q, middle).sum(axis=1)) / 2
        bits: Array = np.clip(nats / np.log(2.0), 0.0, 1.0)
        return bits


def entropy(counts: Array) -> Array:
    """Return -Σ p ln p of rows of counts, (rows, k) to (rows,); NaN where nothing was counted."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    nats: Array = entr(shares).sum(axis=1)
    return nats
