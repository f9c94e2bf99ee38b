"""The loss `asl`: asymmetric loss, which nearly forgets the many easy negatives."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import AsymmetricParams


class Asymmetric:
    """Asymmetric loss (Ben-Baruch, Ridnik et al. 2021), summed over the labels.

    Σ_c -y (1 - p)^γ₊ log p - (1 - y) p_m^γ₋ log(1 - p_m) with p = σ(z) and p_m = max(p - m, 0):
    a wrong label below the margin m costs nothing at all.
    """

    decoding: ClassVar[Decoding] = "threshold"

    def __init__(self, params: AsymmetricParams, env: Env) -> None:
        self.params = params
        self.env = env

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss, shape (batch,), of `scores` and `targets` (batch, labels)."""
        right = torch.exp(self.params.gamma_positive * functional.logsigmoid(-scores))
        positive = targets * right * functional.logsigmoid(scores)
        return -(positive + (1 - targets) * self._negative(scores)).sum(-1)

    def _negative(self, scores: Tensor) -> Tensor:
        """Return p_m^γ₋ log(1 - p_m), (batch, labels)."""
        gamma, margin = self.params.gamma_negative, self.params.margin
        if not margin:
            log_p, log_not_p = functional.logsigmoid(scores), functional.logsigmoid(-scores)
            return torch.exp(gamma * log_p) * log_not_p
        # Below the margin there is neither loss nor gradient, whatever the power.
        tiny = torch.finfo(scores.dtype).tiny
        excess = (torch.sigmoid(scores) - margin).clamp(min=tiny)
        return excess**gamma * torch.log1p(-excess)
