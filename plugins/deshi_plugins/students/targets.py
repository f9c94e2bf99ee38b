"""Training targets from labelled texts, and the preparation and progress of a loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from deshi.api import ComponentError, Examples, Expected, Loss, Scheduled, UsesCounts


def loss_targets(loss: Loss, examples: Examples) -> npt.NDArray[np.float32]:
    """Return what a loss learns from, shape (texts, labels): the teacher's first sample, or its shares.

    Shares are for a loss with the capability `uses-shares`.
    """
    return label_targets(examples, shares=getattr(loss, "uses_shares", False))


def label_targets(examples: Examples, *, shares: bool) -> npt.NDArray[np.float32]:
    """Return how much each label applies to each text, shape (texts, labels), in [0, 1].

    With `shares`, these are the teacher's shares where it was sampled more than once. Else they are the
    share of the references that hold the label: 0 or 1 where there is one. Emoji outside the
    alphabet are left out.
    """
    alphabet = examples.alphabet
    matrix = np.zeros((len(examples.texts), len(alphabet)), dtype=np.float32)
    for row, expected in enumerate(examples.expected):
        for emoji, share in _shares(expected, shares=shares).items():
            if emoji in alphabet:
                matrix[row, alphabet.index(emoji)] = share
    return matrix


def mean_size(matrix: npt.NDArray[np.float32]) -> float:
    """Return the mean number of labels of the texts that have any, at least 1."""
    sums = matrix.sum(1, dtype=np.float64)
    return max(1.0, float(sums[sums > 0].mean())) if sums.any() else 1.0


def require_loss(student: str, examples: Examples, loss: Loss | None) -> Loss:
    """Return the loss; raise where there is none, or no text or label to learn from."""
    check_trainable(student, examples)
    if loss is None:
        raise ComponentError("it needs a loss", where=f"student {student}", fix="name one")
    return loss


def check_trainable(student: str, examples: Examples) -> None:
    """Raise unless there are a text and a label to learn from."""
    if not len(examples.alphabet) or not examples.texts:
        raise ComponentError(
            "no training text carries a label",
            where=f"student {student}",
            fix="check which filter dropped them, or raise `train`",
        )


def prepare(loss: Loss, counts: npt.ArrayLike, n: int) -> None:
    """Pass to a loss with `uses-counts` how many of `n` texts carry each label.

    `counts` (labels,) stand in the order of the student's scores.
    """
    if callable(getattr(loss, "prepare", None)):
        cast("UsesCounts", loss).prepare(np.asarray(counts, dtype=np.float64), n)


def is_scheduled(loss: Loss) -> bool:
    """Return whether a loss changes during training, so that early stopping would miss the change."""
    return callable(getattr(loss, "at", None))


def advance(loss: Loss, progress: float) -> None:
    """Pass to a `scheduled` loss the share of the training that is done, in [0, 1]."""
    if is_scheduled(loss):
        cast("Scheduled", loss).at(progress)


def _shares(expected: Expected, *, shares: bool) -> Mapping[str, float]:
    if shares and expected.shares is not None:
        return expected.shares
    held: dict[str, float] = {}
    for reference in expected.references:
        for emoji in dict.fromkeys(reference):
            held[emoji] = held.get(emoji, 0.0) + 1 / len(expected.references)
    # Thirds may sum to a little more than 1.
    return {emoji: min(1.0, share) for emoji, share in held.items()}
