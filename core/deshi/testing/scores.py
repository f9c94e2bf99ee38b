"""Scores, targets and masks for losses, from a fixed draw, in the shapes that a loss takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from deshi.api import ComponentError, install_command
from deshi.testing.subject import Subject
from deshi.testing.verdict import NotApplicable

_LABELS = 6


def label_scores(dtype: Any = None) -> tuple[Any, Any]:  # noqa: ANN401
    """Return logits and targets for label losses, (batch, labels), from a fixed draw."""
    torch = torch_or_skip()
    chance = np.random.default_rng(0)
    scores = torch.tensor(chance.normal(0, 2, (5, _LABELS)), dtype=dtype or torch.float64)
    targets = torch.zeros(5, _LABELS, dtype=scores.dtype)
    for row in range(5):
        targets[row, row % _LABELS] = targets[row, (row * 2 + 1) % _LABELS] = 1
    return scores, targets


def token_scores(dtype: Any = None) -> tuple[Any, Any, Any]:  # noqa: ANN401
    """Return logits (batch, steps, vocabulary), targets and mask (batch, steps)."""
    torch = torch_or_skip()
    chance = np.random.default_rng(1)
    scores = torch.tensor(chance.normal(0, 2, (4, 3, _LABELS)), dtype=dtype or torch.float64)
    targets = torch.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 0], [2, 0, 0]])
    mask = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 1, 1], [1, 1, 0]], dtype=scores.dtype)
    return scores, targets, mask


def ready(subject: Subject, loss: Any) -> Any:  # noqa: ANN401
    """Return a loss that knows the label counts, and that training is at its end, where it asks."""
    if subject.can("uses-counts"):
        loss.prepare(np.array([90.0, 50, 20, 9, 3, 1])[:_LABELS], 100)
    if subject.can("scheduled"):
        loss.at(1.0)
    return loss


def losses(subject: Subject, loss: Any) -> dict[str, list[float]]:  # noqa: ANN401
    """Return the value of each item, for each shape that the loss takes."""
    ready(subject, loss)
    given = {"labels": (*label_scores(), None), "tokens": token_scores()}
    return {shape: loss(*given[shape]).tolist() for shape in shapes(subject, loss)}


def shapes(subject: Subject, loss: Any) -> list[str]:  # noqa: ANN401
    """Return the shapes that a loss takes: those of its spec, less what its parameters rule out.

    It rules one out by a ComponentError that says how to mend it. With default parameters it has to
    take all that its spec says.
    """
    given = {"labels": (*label_scores(), None), "tokens": token_scores()}
    found, refused = [], None
    for shape in sorted(subject.spec.takes & given.keys()):
        try:
            loss(*given[shape])
        except ComponentError as error:
            if not error.mend or subject.has_default_params:
                raise
            refused = error
        else:
            found.append(shape)
    if refused is not None and not found:
        raise refused
    return found


def torch_or_skip() -> Any:  # noqa: ANN401
    """Return torch; without it a check does not apply."""
    try:
        import torch
    except ImportError:
        why = f"torch is not installed: run `{install_command('neural')}`"
        raise NotApplicable(why) from None
    return torch
