"""The loss `ldam-drw`: rare labels keep a wider margin, and late in training weigh more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.bce import bce_terms
from deshi_plugins.losses.params import LdamDrwParams
from deshi_plugins.losses.per_label import PerLabel, at_least_one, class_weights
from deshi_plugins.losses.reduction import log_probability, mean_over_steps


class LdamDrw:
    """Label-distribution-aware margins with deferred re-weighting (Cao et al. 2019).

    The right label's score is lowered by Δ_c = C / n_c^¼, C chosen so that the largest margin is
    `margin`. Labels: Σ_c w_c BCE(s (z_c - y_c Δ_c), y_c). Tokens: w_y CE(s (z - Δ_y at y), y), the
    mean over the valid steps of an item. The weights w are those of `class-balanced` from the
    share `defer` of training on, and 1 before.

    The paper is about one label per text and scores that are cosines, for which it takes s = 30; the
    scores of deshi's students are plain logits, for which s = 1 is right.
    """

    decoding: Decoding = "threshold"

    def __init__(self, params: LdamDrwParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._margins = PerLabel("ldam-drw")
        self._weights = PerLabel("ldam-drw")
        self._is_late = False

    def prepare(self, counts: npt.NDArray[np.float64], n: int) -> None:  # noqa: ARG002
        """Take up how many training texts carry each label, shape (labels,)."""
        roots = at_least_one(counts) ** -0.25
        self._margins.values = self.params.margin * roots / roots.max()
        self._weights.values = class_weights(counts, self.params.beta)

    def at(self, progress: float) -> None:
        """Take up how much of the training is done, in [0, 1]."""
        self._is_late = progress >= self.params.defer

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Shapes: `scores` (batch, labels) with `targets` (batch, labels), or (batch, steps,
        vocabulary) with (batch, steps) indices and `mask` (batch, steps).
        """
        margins = self._margins.like(scores)
        weights = self._weights.like(scores) if self._is_late else torch.ones_like(margins)
        if scores.dim() == 3:
            right = targets.clamp(min=0)
            lowered = scores - functional.one_hot(right, scores.shape[-1]) * margins
            steps = -weights[right] * log_probability(self.params.scale * lowered, targets)
            return mean_over_steps(steps, targets, mask)
        lowered = self.params.scale * (scores - targets * margins)
        return (weights * bce_terms(lowered, targets)).sum(-1)
