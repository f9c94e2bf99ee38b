"""The protocol between a student and the training loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Validation:
    """Figures of a model on the validation texts.

    `nll` is the plain negative log-likelihood of the labels, in nats, on one scale for all losses.
    `loss` is the mean of the training loss. `effective` is the effective number of emoji in
    the predictions: the exponential of their entropy.
    """

    nll: float
    loss: float
    jaccard: float
    effective: float


class Learner(Protocol):
    """A model with its training and validation texts."""

    module: nn.Module
    lengths: Sequence[int]
    """Tokens of each training text."""

    def begin(self, epoch: int) -> None:
        """Prepare an epoch, counted from 1."""
        ...

    def losses(self, rows: Sequence[int]) -> Tensor:
        """Return the loss of some training texts, shape (rows,)."""
        ...

    def validate(self) -> Validation | None:
        """Return figures on the validation texts; None if there are none."""
        ...

    def groups(self, weight_decay: float) -> Iterator[Mapping[str, Any]]:
        """Yield the groups of parameters for AdamW: `params`, `weight_decay`, and `factor`.

        `factor` multiplies the learning rate.
        """
        ...


def decay_groups(
    module: nn.Module, weight_decay: float, apart: Mapping[int, float] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield groups in which biases, norms and embeddings do not decay.

    `apart` gives parameters, by their `id`, a factor of the learning rate.
    """
    apart = apart or {}
    embeddings = {
        id(parameter)
        for part in module.modules()
        if getattr(part, "is_table", isinstance(part, nn.Embedding))
        for parameter in part.parameters(recurse=False)
    }
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter in module.parameters():
        if not parameter.requires_grad:
            continue
        decays = parameter.dim() > 1 and id(parameter) not in embeddings
        key = (weight_decay if decays else 0.0, apart.get(id(parameter), 1.0))
        groups.setdefault(key, []).append(parameter)
    for (decay, factor), parameters in groups.items():
        yield {"params": parameters, "weight_decay": decay, "factor": factor}
