"""The loss `order-free-ce`: at each step any emoji that is still missing is right."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env, NoParams
from deshi_plugins.losses.reduction import mean_over_steps, valid_steps


class OrderFreeCrossEntropy:
    """-Σ_t log Σ_{e ∈ Y_t} p_t(e), Y_t being the labels that were not generated before step t.

    The mean over the valid steps of an item. The labels before step t are those of the target, in
    its order, as training feeds them in; a student that samples another order each epoch covers them
    all. The last valid step is the end of the sequence, for which nothing else is correct, and which
    is right nowhere before. For tokens alone: scores of labels have no order to be free of.
    Compare Qin et al. 2019, Yang et al. 2019.
    """

    decoding: ClassVar[Decoding] = "expected-jaccard"

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Shapes: `scores` (batch, steps, vocabulary), `targets` (batch, steps) indices, `mask` (batch,
        steps).
        """
        missing = _missing(targets, valid_steps(targets, mask))
        batch, steps = targets.shape
        indices = targets.clamp(min=0).unsqueeze(1).expand(batch, steps, steps)
        log_p = functional.log_softmax(scores, -1).gather(-1, indices)
        # A step that does not count has nothing missing: any finite value does, it is left out.
        missing = missing | (~missing.any(-1, keepdim=True))
        probabilities = torch.where(missing, log_p, -torch.inf)
        return mean_over_steps(-torch.logsumexp(probabilities, -1), targets, mask)


def _missing(targets: Tensor, which: Tensor) -> Tensor:
    """Return at [b, t, s] whether the target of step s is right at step t and named once."""
    position = torch.arange(targets.shape[1], device=targets.device)
    last = torch.where(which, position, -1).amax(-1)[:, None]
    is_end = which & (position == last)
    later = position[None, :] >= position[:, None]
    emoji = (which & ~is_end)[:, None, :] & (which & ~is_end)[:, :, None] & later
    # A label that the target repeats is one label: it counts at its first position from t on.
    same = targets[:, None, :] == targets[:, :, None]
    earlier = position[None, :] < position[:, None]
    repeats = ((same & earlier)[:, None] & emoji[:, :, None, :]).any(-1)
    return (emoji & ~repeats) | (is_end[:, :, None] & is_end[:, None, :])
