"""The loss `focal`: cross-entropy that looks away from what is already learned."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import FocalParams
from deshi_plugins.losses.reduction import log_probability, mean_over_steps


class Focal:
    """Focal loss (Lin et al. 2017).

    Labels: Σ_c -α y (1 - p)^γ log p - (1 - α)(1 - y) p^γ log(1 - p) with p = σ(z). Tokens:
    -(1 - p_y)^γ log p_y with p = softmax(z), the mean over the valid steps of an item.
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
        gamma, alpha = self.params.gamma, self.params.alpha
        if scores.dim() == 3:
            return mean_over_steps(focal_steps(scores, targets, gamma), targets, mask)
        return focal_terms(scores, targets, gamma, alpha).sum(-1)


def focal_terms(scores: Tensor, targets: Tensor, gamma: float, alpha: float) -> Tensor:
    """Return the focal loss of every label, (batch, labels) for both and the result."""
    log_p, log_not_p = functional.logsigmoid(scores), functional.logsigmoid(-scores)
    # Powers as exp(γ log …): their gradients stay finite where p reaches 0 or 1.
    positive = alpha * targets * torch.exp(gamma * log_not_p) * log_p
    negative = (1 - alpha) * (1 - targets) * torch.exp(gamma * log_p) * log_not_p
    return -(positive + negative)


def focal_steps(scores: Tensor, targets: Tensor, gamma: float) -> Tensor:
    """Return the focal loss of every step, (batch, steps, vocabulary) to (batch, steps)."""
    log_p = log_probability(scores, targets)
    # For γ < 1 the power has no gradient at 0; the clamp cuts it off there.
    rest = (-torch.expm1(log_p)).clamp(min=torch.finfo(log_p.dtype).tiny)
    return -(rest**gamma) * log_p
