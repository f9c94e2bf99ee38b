"""The loss `label-smoothing`: cross-entropy that leaves a little for every emoji."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import LabelSmoothingParams
from deshi_plugins.losses.per_label import PerLabel
from deshi_plugins.losses.reduction import (
    mean_over_steps,
    target_shares,
    target_values,
    zero_where_empty,
)


class LabelSmoothing:
    """Cross-entropy against (1 - ε) t + ε u (Szegedy et al. 2016), u even over S of the classes.

    With `over = "seen"`, S are the classes of the training labels: the emoji and, for tokens, the end.
    Smoothing over a vocabulary of thousands, as transformers does, mostly trains words that are never
    predicted; `over = "all"` does that. Labels: t = y / Σy, and a row without labels costs 0. Tokens:
    the mean over the valid steps of an item.
    """

    decoding: ClassVar[Decoding] = "expected-jaccard"

    def __init__(self, params: LabelSmoothingParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._even = PerLabel("label-smoothing")

    def prepare(self, counts: npt.NDArray[np.float64], n: int) -> None:  # noqa: ARG002
        """Store which classes the training labels have, from their counts, shape (classes,)."""
        seen = np.asarray(counts) > 0
        self._even.values = seen / max(1, seen.sum())

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Shapes: `scores` (batch, labels) with `targets` (batch, labels), or (batch, steps,
        vocabulary) with (batch, steps) indices and `mask` (batch, steps).
        """
        log_p = functional.log_softmax(scores, -1)
        even = self._spread_over(scores)
        # Excluded classes may be -∞, in a model without these outputs.
        spread = -(log_p.masked_fill(even == 0, 0) * even).sum(-1)
        epsilon = self.params.epsilon
        if scores.dim() == 3:
            steps = (1 - epsilon) * -target_values(log_p, targets) + epsilon * spread
            return mean_over_steps(steps, targets, mask)
        right = -(target_shares(targets) * log_p).sum(-1)
        return zero_where_empty((1 - epsilon) * right + epsilon * spread, targets)

    def _spread_over(self, scores: Tensor) -> Tensor:
        """Return the even distribution over S, shape (classes,)."""
        if self.params.over == "seen":
            return self._even.like(scores)
        classes = scores.shape[-1]
        return scores.new_full((classes,), 1 / classes)
