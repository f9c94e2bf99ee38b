"""The order of the labels of a text in training."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from deshi_plugins.students.neural.params import Order


def order_labels(
    labels: Sequence[Sequence[int]],
    order: Order,
    counts: Sequence[float],
    generator: torch.Generator,
) -> list[list[int]]:
    """Return the labels of each text in this order.

    `labels` are indices of emoji in the teacher's order, `counts` are the numbers of training texts that
    carry each. Ties keep the teacher's order.
    """
    if order == "random":
        return [_shuffled(row, generator) for row in labels]
    if order == "teacher":
        return [list(row) for row in labels]
    sign = -1 if order == "frequent-first" else 1
    return [sorted(row, key=lambda label: sign * counts[label]) for row in labels]


def _shuffled(row: Sequence[int], generator: torch.Generator) -> list[int]:
    indices = torch.randperm(len(row), generator=generator).tolist()
    return [row[index] for index in indices]
