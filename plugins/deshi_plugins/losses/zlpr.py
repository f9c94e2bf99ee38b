"""The loss `zlpr`: zero-bounded log-sum-exp and pairwise rank-based loss."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from deshi.api import Decoding, Env, NoParams


class Zlpr:
    """ZLPR (Su et al. 2022): pushes right labels above 0 and wrong ones below, no parameters.

    log(1 + Σ_c y e^{-z}) + log(1 + Σ_c (1 - y) e^{z}); for y in {0, 1} the sums run over the right
    and the wrong labels, and for y between them it is the soft form of the same authors.
    """

    decoding: ClassVar[Decoding] = "zero"

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss, shape (batch,), of `scores` and `targets` (batch, labels)."""
        return _log1p_sum_exp(_log(targets) - scores) + _log1p_sum_exp(
            torch.log1p(-targets) + scores
        )


def _log(targets: Tensor) -> Tensor:
    """Return the logarithm; that of 0, which nearly all targets are, takes torch far longer."""
    positive = targets.clamp(min=torch.finfo(targets.dtype).tiny)
    return positive.log().masked_fill(targets == 0, -torch.inf)


def _log1p_sum_exp(exponents: Tensor) -> Tensor:
    """Return log(1 + Σ e^x) over the last dimension; x may be -∞."""
    one = exponents.new_zeros((*exponents.shape[:-1], 1))
    return torch.logsumexp(torch.cat((one, exponents), -1), -1)
