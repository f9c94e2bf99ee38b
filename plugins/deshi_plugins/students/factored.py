"""A linear map of low rank from sparse features to logits, and its learner."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from deshi_plugins.students.adamw import AdamW, RowSteps


class FactoredHead(nn.Module):
    """x W U + b: a linear map of rank `rank` from sparse features to logits.

    The factors share what labels have in common, which a full matrix cannot with so few texts,
    and are a tenth of its size.
    """

    def __init__(self, features: int, rank: int, bias: Tensor, generator: torch.Generator) -> None:
        super().__init__()
        # U begins small, so that the first epochs fit what all labels share.
        self.inner = nn.Parameter(torch.randn(features, rank, generator=generator) * 0.5)
        self.outer = nn.Parameter(torch.randn(rank, len(bias), generator=generator) * 0.01)
        self.bias = nn.Parameter(bias.clone())

    def learner(self, features: sparse.csr_array, decay: float) -> FactoredLearner:
        """Return what fits this map to rows of features."""
        return FactoredLearner(self, features, decay)

    def forward(self, rows: sparse.csr_array) -> Tensor:
        """Return logits, shape (batch, labels), of sparse rows (batch, features)."""
        return torch.addmm(self.bias, _products(rows, self.inner), self.outer)


class FactoredLearner:
    """Updates W and U by gradients computed by hand.

    Automatic differentiation would fill a gradient of all features for every batch, which has a
    tenth of them.
    """

    def __init__(self, head: FactoredHead, features: sparse.csr_array, decay: float) -> None:
        self._head = head
        self._features = features
        self._decay = decay
        self._dense = AdamW({head.outer: decay, head.bias: 0.0}, rate=0.0)
        self._sparse = RowSteps(head.inner)
        self._rate = 0.0
        # W is `scale` times the table: weight decay would else go over all of it at each step.
        self._scale = 1.0
        self._rows = features
        self._batch = features
        self._hidden = torch.empty(0)

    @torch.no_grad()
    def begin(self, order: npt.NDArray[np.int64], rate: float) -> None:
        """Begin a pass over the texts in this order."""
        self._rows = self._features[order]
        self._rate = self._dense.rate = rate

    @torch.no_grad()
    def scores(self, start: int, end: int) -> Tensor:
        """Return logits, shape (batch, labels), of some texts of the pass."""
        self._batch = self._rows[start:end]
        self._hidden = _products(self._batch, self._head.inner).mul_(self._scale)
        return torch.addmm(self._head.bias, self._hidden, self._head.outer)

    @torch.no_grad()
    def step(self, gradients: Tensor) -> None:
        """Update the weights by the gradients of the logits returned last."""
        by_feature = self._batch.tocsc()
        used = np.flatnonzero(np.diff(by_feature.indptr))
        into_inner = functional.embedding_bag(
            torch.from_numpy(by_feature.indices),
            gradients @ self._head.outer.T,
            torch.from_numpy(by_feature.indptr[used]),
            per_sample_weights=torch.from_numpy(by_feature.data),
            mode="sum",
        )
        self._dense.step([self._hidden.T @ gradients, gradients.sum(0)])
        self._scale *= 1 - self._rate * self._decay
        self._sparse.step(torch.from_numpy(used), into_inner, self._rate / self._scale)

    @torch.no_grad()
    def end(self) -> None:
        """End a pass: the table becomes W again."""
        self._head.inner.mul_(self._scale)
        self._scale = 1.0


def _products(rows: sparse.csr_array, table: Tensor) -> Tensor:
    """Return the products of sparse rows (batch, features) and a table (features, rank)."""
    return functional.embedding_bag(
        torch.from_numpy(rows.indices),
        table,
        torch.from_numpy(rows.indptr[:-1]),
        per_sample_weights=torch.from_numpy(rows.data),
        mode="sum",
    )
