"""The loss `ce`: cross-entropy over tokens, or against shares of labels."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import CrossEntropyParams
from deshi_plugins.losses.reduction import mean_over_steps, target_shares, zero_where_empty


class CrossEntropy:
    """Cross-entropy with softmax.

    Labels (the softmax-set loss): -Σ_c t_c log p_c with t = y / Σy, so that a model learns to
    sample one of the correct emoji. A row without labels costs 0. Tokens: -log p_y, the mean over
    the valid steps of an item.

    Smoothing by ε takes (1 - ε) t + ε / C for t, as Szegedy et al. 2016 do, C being the classes.
    """

    decoding: ClassVar[Decoding] = "expected-jaccard"

    def __init__(self, params: CrossEntropyParams, env: Env) -> None:
        self.params = params
        self.env = env

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Shapes: `scores` (batch, labels) with `targets` (batch, labels), or (batch, steps,
        vocabulary) with (batch, steps) indices and `mask` (batch, steps).
        """
        if scores.dim() == 3:
            return mean_over_steps(self._by_step(scores, targets), targets, mask)
        smoothing = self.params.label_smoothing
        shares = (1 - smoothing) * target_shares(targets) + smoothing / scores.shape[-1]
        loss = -(shares * functional.log_softmax(scores, -1)).sum(-1)
        return zero_where_empty(loss, targets)

    def _by_step(self, scores: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(
            scores.transpose(1, 2),
            targets,
            reduction="none",
            label_smoothing=self.params.label_smoothing,
        )
