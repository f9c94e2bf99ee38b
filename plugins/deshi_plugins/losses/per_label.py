"""Figures of the labels that a loss makes of their counts, before training begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from deshi.api import ComponentError


@dataclass(slots=True, eq=False)
class PerLabel:
    """One value per label, shape (labels,); None before the counts are known."""

    loss: str
    values: npt.NDArray[np.float64] | None = None

    def like(self, scores: Tensor) -> Tensor:
        """Return the figures in the type and on the device of `scores` (..., labels).

        Raises:
            ComponentError: the loss was not prepared, or for another number of labels.
        """
        where = f"loss {self.loss}"
        if self.values is None:
            raise ComponentError(
                "it has no label frequencies",
                where=where,
                fix="call the loss's `prepare` before training",
            )
        if len(self.values) != scores.shape[-1]:
            raise ComponentError(
                f"it was prepared for {len(self.values)} labels and got {scores.shape[-1]} scores",
                where=where,
                fix="pass the counts to `prepare` in the order of the scores",
            )
        return torch.as_tensor(self.values, dtype=scores.dtype, device=scores.device)


def at_least_one(counts: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return counts in which what was never seen stands as if seen once, so that none is infinite."""
    return np.maximum(np.asarray(counts, dtype=np.float64), 1.0)


def class_weights(counts: npt.ArrayLike, beta: float) -> npt.NDArray[np.float64]:
    """Return the class-balanced weights (Cui et al. 2019) of labels by their counts, (labels,).

    w_c = (1 - β) / (1 - β^n_c), one over the effective number of texts, scaled so that the weights
    of the labels that were seen have the mean 1.
    """
    weights = (1 - beta) / (1 - beta ** at_least_one(counts))
    seen = np.asarray(counts) > 0
    mean = weights[seen].mean() if seen.any() else 1.0
    return np.asarray(weights / mean)
