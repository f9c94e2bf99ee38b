"""The loss `class-balanced`: rare labels weigh more, by the effective number of their texts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.nn import functional

from deshi.api import ComponentError, Decoding, Env
from deshi_plugins.losses.bce import bce_terms
from deshi_plugins.losses.focal import focal_steps, focal_terms
from deshi_plugins.losses.params import ClassBalancedParams
from deshi_plugins.losses.per_label import PerLabel, class_weights
from deshi_plugins.losses.reduction import log_probability, mean_over_steps, target_shares


class ClassBalanced:
    """Class-balanced loss (Cui et al. 2019): w_c times `ce`, `bce` or `focal`.

    w_c = (1 - β) / (1 - β^n_c) with n_c the texts that carry label c, scaled to the mean 1. Labels:
    each label's term is weighed, those of the wrong labels too; for `ce` the terms are
    -t_c log p_c with t = y / Σy. Tokens: each step is weighed by its target, and averaged over the
    valid steps of an item; `bce` is not for tokens.
    """

    def __init__(self, params: ClassBalancedParams, env: Env) -> None:
        self.params = params
        self.env = env
        self.decoding: Decoding = "expected-jaccard" if params.over == "ce" else "threshold"
        self._weights = PerLabel("class-balanced")

    def prepare(self, counts: npt.NDArray[np.float64], n: int) -> None:  # noqa: ARG002
        """Take up how many training texts carry each label, shape (labels,)."""
        self._weights.values = class_weights(counts, self.params.beta)

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Shapes: `scores` (batch, labels) with `targets` (batch, labels), or (batch, steps,
        vocabulary) with (batch, steps) indices and `mask` (batch, steps).

        Raises:
            ComponentError: `bce` was chosen and these are tokens.
        """
        weights = self._weights.like(scores)
        if scores.dim() == 3:
            steps = weights[targets.clamp(min=0)] * self._by_step(scores, targets)
            return mean_over_steps(steps, targets, mask)
        return (weights * self._by_label(scores, targets)).sum(-1)

    def _by_label(self, scores: Tensor, targets: Tensor) -> Tensor:
        if self.params.over == "bce":
            return bce_terms(scores, targets)
        if self.params.over == "focal":
            return focal_terms(scores, targets, self.params.gamma, self.params.alpha)
        return -target_shares(targets) * functional.log_softmax(scores, -1)

    def _by_step(self, scores: Tensor, targets: Tensor) -> Tensor:
        if self.params.over == "bce":
            raise ComponentError(
                "binary cross-entropy does not apply to tokens",
                where="loss class-balanced",
                fix='set over = "ce" or "focal"',
            )
        if self.params.over == "focal":
            return focal_steps(scores, targets, self.params.gamma)
        return -log_probability(scores, targets)
