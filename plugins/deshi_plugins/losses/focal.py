"""The loss `focal`: cross-entropy that looks away from what is already learned."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import FocalParams
from deshi_plugins.losses.steps import mean_over_steps


class Focal:
    """Focal loss (Lin et al. 2017).

    Labels: Σ_c -α y (1 - p)^γ log p - (1 - α)(1 - y) p^γ log(1 - p) with p = σ(z). Tokens:
    -(1 - p_y)^γ log p_y with p = softmax(z), the mean over the counted steps of an item.
    """

    decoding: ClassVar[Decoding] = "threshold"

    def __init__(self, params: FocalParams, env: Env) -> None:
        self.params = params
        self.env = env

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Shapes: `scores` (batch, labels) with `targets` (batch, labels), or (batch, steps,
        vocabulary) with (batch, steps) indices and `mask` (batch, steps).
        """
        if scores.dim() == 3:
            return mean_over_steps(self._by_step(scores, targets), targets, mask)
        gamma, alpha = self.params.gamma, self.params.alpha
        log_p, log_not_p = functional.logsigmoid(scores), functional.logsigmoid(-scores)
        # Powers as exp(γ log …): their gradients stay finite where p reaches 0 or 1.
        positive = alpha * targets * torch.exp(gamma * log_not_p) * log_p
        negative = (1 - alpha) * (1 - targets) * torch.exp(gamma * log_p) * log_not_p
        return -(positive + negative).sum(-1)

    def _by_step(self, scores: Tensor, targets: Tensor) -> Tensor:
        known = targets.clamp(min=0).unsqueeze(-1)
        log_p = functional.log_softmax(scores, -1).gather(-1, known).squeeze(-1)
        # For γ < 1 the power has no gradient at 0; the clamp cuts it off there.
        rest = (-torch.expm1(log_p)).clamp(min=torch.finfo(log_p.dtype).tiny)
        return -(rest**self.params.gamma) * log_p
