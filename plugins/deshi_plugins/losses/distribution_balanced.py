"""The loss `distribution-balanced`: re-balanced for texts that carry several labels at once."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import DistributionBalancedParams
from deshi_plugins.losses.per_label import PerLabel, at_least_one


class DistributionBalanced:
    """Distribution-balanced loss (Wu et al. 2020; for text Huang et al. 2021), summed over labels.

    A label's weight in a text is w_c = α + σ(β (r_c - μ)) with r_c = (1 / n_c) / Σ_{j∈Y} 1 / n_j:
    a rare label must not drag its frequent companions up with it. With b_c = -κ log(N / n_c - 1),
    a right label costs w log(1 + e^{-(z+b)}), a wrong one (w / λ) log(1 + e^{λ(z+b)}), each times
    (1 - p_t)^γ, p_t the probability of the correct class. In a text without labels r is 0.
    """

    decoding: ClassVar[Decoding] = "threshold"

    def __init__(self, params: DistributionBalancedParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._rarity = PerLabel("distribution-balanced")
        self._bias = PerLabel("distribution-balanced")

    def prepare(self, counts: npt.NDArray[np.float64], n: int) -> None:
        """Take up how many of `n` training texts carry each label, shape (labels,)."""
        # Half a text at the upper end: a label that every text has would get an infinite bias.
        seen = np.minimum(at_least_one(counts), n - 0.5)
        self._rarity.values = 1 / seen
        self._bias.values = -self.params.kappa * np.log(n / seen - 1)

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss, shape (batch,), of `scores` and `targets` (batch, labels)."""
        p = self.params
        shifted = scores + self._bias.like(scores)
        weights = p.alpha + torch.sigmoid(p.beta * (self._ratio(targets, scores) - p.mu))
        right = -functional.logsigmoid(shifted)
        wrong = -functional.logsigmoid(-p.negative_scale * shifted)
        # (1 - p_t)^γ as exp(γ log …), whose gradient stays finite.
        positive = torch.exp(p.gamma * functional.logsigmoid(-shifted)) * right
        negative = torch.exp(p.gamma * functional.logsigmoid(p.negative_scale * shifted)) * wrong
        terms = targets * positive + (1 - targets) * negative / p.negative_scale
        return (weights * terms).sum(-1)

    def _ratio(self, targets: Tensor, scores: Tensor) -> Tensor:
        """Return r, (batch, labels)."""
        rarity = self._rarity.like(scores)
        total = (targets * rarity).sum(-1, keepdim=True)
        return torch.where(total > 0, rarity / torch.where(total > 0, total, 1), 0)
