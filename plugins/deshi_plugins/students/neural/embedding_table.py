"""Embedding tables restricted to the tokens that occur."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class CompactTable(nn.Module):
    """Some rows of an embedding table, indexed by the token ids of the whole table.

    A row that no training text has gets no gradient and, without weight decay, never changes: to
    train the others alone gives the same weights, in less time and memory.
    `first` are rows with a parameter of their own, which stand in their order at the front.
    """

    is_table = True

    def __init__(self, table: Tensor, tokens: Iterable[int], first: Sequence[int] = ()) -> None:
        super().__init__()
        self.order = [*first, *sorted(set(tokens) - set(first))]
        self.first = nn.Parameter(table[list(first)].clone())
        self.rest = nn.Parameter(table[self.order[len(first) :]].clone())
        indices = torch.full((len(table),), -1)
        indices[self.order] = torch.arange(len(self.order))
        self.register_buffer("indices", indices, persistent=False)
        self.indices: Tensor

    def forward(self, ids: Tensor) -> Tensor:
        """Return the embeddings of token ids, (...) to (..., width)."""
        table = torch.cat((self.first, self.rest)) if len(self.first) else self.rest
        return functional.embedding(self.indices[ids], table)

    @torch.no_grad()
    def put_back(self, table: Tensor) -> None:
        """Write the rows into the table that they came from."""
        table[self.order] = torch.cat((self.first, self.rest)).to(table.dtype).to(table.device)
