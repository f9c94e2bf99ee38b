"""Batches of texts of similar length, under a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor

INFERENCE_BATCH = 64
"""Texts per inference batch, unless `inference-batch` is set."""

_CHUNK = 50
_MOST = 2


def training_batches(
    lengths: Sequence[int], size: int, generator: torch.Generator
) -> list[list[int]]:
    """Return all rows in batches, in random order.

    A batch takes as many padded tokens as `size` texts of mean length have, and at most
    2 · `size` texts. Rows are taken in chunks of 50 batches and sorted by length within those
    alone, so that batches differ between epochs.
    """
    order = torch.randperm(len(lengths), generator=generator).tolist()
    budget = size * sum(lengths) / len(lengths)
    batches: list[list[int]] = []
    for start in range(0, len(order), size * _CHUNK):
        chunk = sorted(order[start : start + size * _CHUNK], key=lengths.__getitem__)
        batches += _cut(chunk, lengths, budget, _MOST * size)
    shuffled = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[number] for number in shuffled]


def inference_batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Yield all rows in batches of similar length, `size` texts at most, the longest first."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    for start in range(0, len(order), size):
        yield order[start : start + size]


def pad(rows: Iterable[Sequence[int]], filler: int) -> tuple[Tensor, Tensor]:
    """Return ids and mask, (batch, longest) each; the mask is 1 where there is a token."""
    rows = list(rows)
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([[len(row)] for row in rows])
    return ids, (torch.arange(longest)[None, :] < lengths).long()


def _cut(
    rows: Sequence[int], lengths: Sequence[int], budget: float, most: int
) -> Iterator[list[int]]:
    """Yield rows in their order; these come with rising length, so that the last is the widest."""
    batch: list[int] = []
    for row in rows:
        if batch and ((len(batch) + 1) * lengths[row] > budget or len(batch) == most):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
