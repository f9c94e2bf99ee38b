"""Reductions of losses per step to losses per item, and shares of label sets."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def mean_over_steps(losses: Tensor, targets: Tensor, mask: Tensor | None) -> Tensor:
    """Return the mean over the valid steps of each item; 0 for an item without any.

    Shapes: `losses`, `targets` and `mask` (batch, steps), to (batch,). Without a mask, all steps
    count but those with a negative target, which is how padding is marked in torch.
    """
    which = valid_steps(targets, mask)
    # A masked step is left out, not multiplied by 0: it may hold an infinite loss.
    total = torch.where(which, losses, 0).sum(-1)
    return total / which.sum(-1).clamp(min=1)


def valid_steps(targets: Tensor, mask: Tensor | None) -> Tensor:
    """Return which steps count, as booleans of the shape (batch, steps)."""
    return targets >= 0 if mask is None else mask > 0


def log_probability(scores: Tensor, targets: Tensor) -> Tensor:
    """Return log p of the target of each step, (batch, steps, vocabulary) to (batch, steps).

    Steps without a target (negative) get that of the first token, for the mask to leave out.
    """
    return target_values(functional.log_softmax(scores, -1), targets)


def target_values(values: Tensor, targets: Tensor) -> Tensor:
    """Return the values of the targets: (batch, steps, vocabulary) and (batch, steps) to the latter."""
    return values.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)


def target_shares(targets: Tensor) -> Tensor:
    """Return targets as shares that sum to 1 in each row, (batch, labels); empty rows stay 0."""
    total = targets.sum(-1, keepdim=True)
    return targets / torch.where(total > 0, total, 1)


def zero_where_empty(losses: Tensor, targets: Tensor) -> Tensor:
    """Return losses (batch,) with 0 for rows of targets (batch, labels) without any label."""
    return torch.where(targets.sum(-1) > 0, losses, 0)
