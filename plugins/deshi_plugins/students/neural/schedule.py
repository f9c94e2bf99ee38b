"""The learning-rate schedule."""

from __future__ import annotations

import math

from deshi_plugins.students.neural.params import Schedule


def rate_factor(step: int, progress: float, *, warmup: int, schedule: Schedule) -> float:
    """Return the factor of the maximum learning rate at a step, counted from 0.

    It rises linearly over `warmup` steps, and falls with `progress` in [0, 1], the share of all
    epochs that is done: to 0 linearly or by a half cosine, or not at all.
    """
    rising = min(1.0, (step + 1) / warmup) if warmup else 1.0
    if schedule == "constant":
        return rising
    falling = 1 - progress if schedule == "linear" else 0.5 * (1 + math.cos(math.pi * progress))
    return rising * falling
