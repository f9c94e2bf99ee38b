"""In which order the labels of a text are to be said."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from deshi_plugins.students.neural.params import Order


def ordered(
    labels: Sequence[Sequence[int]],
    order: Order,
    counts: Sequence[float],
    generator: torch.Generator,
) -> list[list[int]]:
    """Return the labels of each text in this order.

    `labels` are numbers of emoji in the teacher's order, `counts` says how many training texts
    carry each. Of equally frequent ones the teacher's first stands first.
    """
    if order == "random":
        return [_shuffled(row, generator) for row in labels]
    if order == "teacher":
        return [list(row) for row in labels]
    sign = -1 if order == "frequent-first" else 1
    return [sorted(row, key=lambda label: sign * counts[label]) for row in labels]


def _shuffled(row: Sequence[int], generator: torch.Generator) -> list[int]:
    places = torch.randperm(len(row), generator=generator).tolist()
    return [row[place] for place in places]
