"""The loss `soft-labels`: distillation of how sure the teacher is of each label."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import SoftLabelsParams
from deshi_plugins.losses.reduction import target_shares, zero_where_empty


class SoftLabels:
    """T² KL(q_T ‖ p_T) with q the teacher's shares over its samples (Hinton et al. 2015).

    With `per = "text"`, q are the shares scaled to sum 1, q_T ∝ q^{1/T} and p_T = softmax(z / T); a
    row without labels costs 0. With `per = "label"`, the divergences of the labels are summed,
    each that of a coin that falls with the label's share from one that falls with σ(z / T); the odds
    of q are raised to 1/T. Shares of 0 and 1 stay what they are: with hundreds of labels, a little
    for each label that was never sampled would outweigh the others.
    """

    uses_shares: ClassVar[Literal[True]] = True

    def __init__(self, params: SoftLabelsParams, env: Env) -> None:
        self.params = params
        self.env = env
        self.decoding: Decoding = "expected-jaccard" if params.per == "text" else "threshold"

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss, shape (batch,), of `scores` and `targets` (batch, labels)."""
        heat = self.params.temperature
        if self.params.per == "text":
            shares = target_shares(target_shares(targets) ** (1 / heat))
            log_p = functional.log_softmax(scores / heat, -1)
            loss = (torch.xlogy(shares, shares) - shares * log_p).sum(-1)
            return heat**2 * zero_where_empty(loss, targets)
        right, wrong = targets ** (1 / heat), (1 - targets) ** (1 / heat)
        share = right / (right + wrong)
        own = torch.xlogy(share, share) + torch.xlogy(1 - share, 1 - share)
        crossed = functional.binary_cross_entropy_with_logits(
            scores / heat, share, reduction="none"
        )
        return heat**2 * (own + crossed).sum(-1)
