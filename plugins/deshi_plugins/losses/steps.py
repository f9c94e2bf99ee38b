"""From losses a step to losses an item."""

from __future__ import annotations

import torch
from torch import Tensor


def mean_over_steps(losses: Tensor, targets: Tensor, mask: Tensor | None) -> Tensor:
    """Return the mean over the counted steps of each item; 0 for an item without any.

    Shapes: `losses`, `targets` and `mask` (batch, steps), to (batch,). Without a mask, all steps
    count but those with a negative target, which is how padding is marked in torch.
    """
    counted = targets >= 0 if mask is None else mask > 0
    # A masked step is left out, not multiplied by 0: it may hold an infinite loss.
    total = torch.where(counted, losses, 0).sum(-1)
    return total / counted.sum(-1).clamp(min=1)
