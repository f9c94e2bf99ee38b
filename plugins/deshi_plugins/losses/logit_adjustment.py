"""The loss `logit-adjustment`: the model need not learn how frequent the labels are."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env
from deshi_plugins.losses.params import LogitAdjustmentParams
from deshi_plugins.losses.per_label import PerLabel, at_least_one
from deshi_plugins.losses.reduction import (
    log_probability,
    mean_over_steps,
    target_shares,
    zero_where_empty,
)


class LogitAdjustment:
    """Logit-adjusted cross-entropy (Menon et al. 2021): cross-entropy of z + τ log π.

    π_c = n_c / Σ n is the share of label c among all labels. Answering by z alone then favours no
    frequent label: τ trades precision for variety. Labels: -Σ_c t_c log p_c with t = y / Σy; a
    row without labels costs 0. Tokens: -log p_y, the mean over the valid steps of an item.
    """

    decoding: ClassVar[Decoding] = "expected-jaccard"

    def __init__(self, params: LogitAdjustmentParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._shift = PerLabel("logit-adjustment")

    def prepare(self, counts: npt.NDArray[np.float64], n: int) -> None:  # noqa: ARG002
        """Take up how many training texts carry each label, shape (labels,)."""
        seen = at_least_one(counts)
        self._shift.values = self.params.tau * np.log(seen / seen.sum())

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Shapes: `scores` (batch, labels) with `targets` (batch, labels), or (batch, steps,
        vocabulary) with (batch, steps) indices and `mask` (batch, steps).
        """
        shifted = scores + self._shift.like(scores)
        if scores.dim() == 3:
            return mean_over_steps(-log_probability(shifted, targets), targets, mask)
        loss = -(target_shares(targets) * functional.log_softmax(shifted, -1)).sum(-1)
        return zero_where_empty(loss, targets)
