"""Training targets from labelled texts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from deshi.api import ComponentError, Examples, Expected


def targets(examples: Examples) -> npt.NDArray[np.float32]:
    """Return how much each label applies to each text, shape (texts, labels), in [0, 1].

    These are the teacher's shares where it was asked more than once, and else the share of the
    references that hold the label: 0 or 1 where there is one. Emoji outside the alphabet are
    left out.
    """
    alphabet = examples.alphabet
    matrix = np.zeros((len(examples.texts), len(alphabet)), dtype=np.float32)
    for row, expected in enumerate(examples.expected):
        for emoji, share in _shares(expected).items():
            if emoji in alphabet:
                matrix[row, alphabet.index(emoji)] = share
    return matrix


def mean_size(matrix: npt.NDArray[np.float32]) -> float:
    """Return the mean number of labels of the texts that have any, at least 1."""
    sums = matrix.sum(1, dtype=np.float64)
    return max(1.0, float(sums[sums > 0].mean())) if sums.any() else 1.0


def check_trainable(student: str, examples: Examples) -> None:
    """Raise unless there are a text and a label to learn from."""
    if not len(examples.alphabet) or not examples.texts:
        raise ComponentError(
            "no training text carries a label",
            where=f"student {student}",
            mend="see which filter dropped them, or raise `train`",
        )


def _shares(expected: Expected) -> Mapping[str, float]:
    if expected.shares is not None:
        return expected.shares
    shares: dict[str, float] = {}
    for reference in expected.references:
        for emoji in dict.fromkeys(reference):
            shares[emoji] = shares.get(emoji, 0.0) + 1 / len(expected.references)
    # Thirds may sum to a little more than 1.
    return {emoji: min(1.0, share) for emoji, share in shares.items()}
