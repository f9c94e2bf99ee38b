"""How near the predictions' emoji are to the gold's, as the area under a divergence frontier (MAUVE).

With P and Q the shares of each emoji among predictions and gold, and R = λP + (1-λ)Q, the frontier goes
through (exp(-c KL(Q ‖ R)), exp(-c KL(P ‖ R))) for λ from 0 to 1, from (1, 0) to (0, 1); its area is 1
where P = Q. Pillutla et al. 2021 quantise embeddings of texts; emoji are discrete as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from deshi_plugins.metrics.base import CountsMetric
from deshi_plugins.metrics.params import MauveParams

if TYPE_CHECKING:
    from deshi.api.records import Array


class Mauve(CountsMetric[MauveParams]):
    """The area under the frontier by the trapezoidal rule; exploratory, as it depends on c."""

    blocks = 2

    def of_counts(self, sums: Array) -> Array:
        """Return the area for rows of summed counts, (rows, k) to (rows,)."""
        p, q = (part / part.sum(axis=1, keepdims=True) for part in np.split(sums, 2, axis=1))
        own_p, own_q = xlogy(p, p).sum(axis=1), xlogy(q, q).sum(axis=1)
        ends = np.zeros(len(p)), np.ones(len(p))
        x, y = [ends[1]], [ends[0]]
        for weight in np.arange(1, self.params.points + 1) / (self.params.points + 1):
            mixed = weight * p + (1 - weight) * q
            logs = np.log(mixed, out=np.zeros_like(mixed), where=mixed > 0)
            x.append(self._nearness(own_q - np.einsum("ij,ij->i", q, logs)))
            y.append(self._nearness(own_p - np.einsum("ij,ij->i", p, logs)))
        x.append(ends[0])
        y.append(ends[1])
        undefined = np.isnan(own_p + own_q)
        return np.where(undefined, np.nan, -np.trapezoid(np.stack(y), np.stack(x), axis=0))

    def _nearness(self, nats: Array) -> Array:
        """Return exp(-c KL); rounding can make a divergence of 0 a little less."""
        nearness: Array = np.exp(-self.params.scaling * np.maximum(nats, 0.0))
        return nearness
