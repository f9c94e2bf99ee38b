"""The loss `bce`: binary cross-entropy, each label a decision of its own."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn import functional

from deshi.api import Decoding, Env, NoParams


class BinaryCrossEntropy:
    """Binary cross-entropy: Σ_c -y log σ(z) - (1 - y) log(1 - σ(z)), summed over the labels."""

    decoding: ClassVar[Decoding] = "threshold"

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Return the loss, shape (batch,), of `scores` and `targets` (batch, labels)."""
        return bce_terms(scores, targets).sum(-1)


def bce_terms(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the binary cross-entropy of every label, (batch, labels) for both and the result."""
    return functional.binary_cross_entropy_with_logits(scores, targets, reduction="none")
