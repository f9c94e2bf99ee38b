"""The loss `soft-jaccard`: binary cross-entropy, and later on the Jaccard index itself."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from deshi.api import Decoding, Env
from deshi_plugins.losses.bce import bce_terms
from deshi_plugins.losses.params import SoftJaccardParams


class SoftJaccard:
    """λ (1 - Σ min(p, y) / Σ max(p, y)) + μ BCE, with p = σ(z).

    The first term is the Ružička distance, one minus the Jaccard index of sets in which a label is
    by its probability. It is flat far from the solution, so it comes in after a warm-up, up to which
    binary cross-entropy (summed over the labels) works alone; a pure one has `bce = 0`.
    """

    decoding: ClassVar[Decoding] = "threshold"

    def __init__(self, params: SoftJaccardParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._is_warm = params.warm_up == 0

    def at(self, progress: float) -> None:
        """Take up how much of the training is done, in [0, 1]."""
        self._is_warm = progress >= self.params.warm_up

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss, shape (batch,), of `scores` and `targets` (batch, labels)."""
        is_pure = self.params.bce == 0
        jaccard = self.params.weight if self._is_warm or is_pure else 0.0
        loss = self.params.bce * bce_terms(scores, targets).sum(-1)
        return loss + jaccard * _distance(torch.sigmoid(scores), targets)


def _distance(probabilities: Tensor, targets: Tensor) -> Tensor:
    """Return 1 - Σ min / Σ max of each row, (batch, labels) to (batch,); two empty sets are equal."""
    union = torch.maximum(probabilities, targets).sum(-1)
    common = torch.minimum(probabilities, targets).sum(-1)
    return torch.where(union > 0, 1 - common / torch.where(union > 0, union, 1), 0)
