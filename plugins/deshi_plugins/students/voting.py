"""Kernel-weighted votes of neighbours; k and β are chosen on validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import sparse

from deshi.api import Expected, Json
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.rules import jaccard_prefixes
from deshi_plugins.students.selection import Floats, selection_jaccard

NEIGHBOUR_COUNTS = (5, 10, 20, 50, 100)
BETAS = (1.0, 3.0, 10.0, 20.0, 40.0)
_DEFAULT = (20, 10.0)
# Fewer validation texts than these cannot distinguish 25 settings.
MIN_VALIDATION_TEXTS = 20


@dataclass(frozen=True, slots=True, eq=False)
class NearestTexts:
    """The neighbours of n texts, nearest first: cosines, indices and which are eligible, all (n, k)."""

    cosines: Floats
    indices: npt.NDArray[np.int64]
    eligible: npt.NDArray[np.bool_]

    def weights(self, k: int, beta: float, training_texts: int) -> sparse.csr_array:
        """Return the kernel exp(β (cos - 1)) of the `k` nearest, rows summing to 1, (n, texts).

        The row of a text without any neighbour is 0.
        """
        votes = self.eligible & (np.cumsum(self.eligible, axis=1) <= k)
        nearest = np.where(votes, self.cosines, -np.inf).max(1, keepdims=True)
        # But for a factor a row, which normalising takes away again: no row underflows.
        gap = np.where(votes, np.where(np.isfinite(nearest), nearest, 0) - self.cosines, 0)
        kernel = np.where(votes, np.exp(-beta * gap), 0)
        total = kernel.sum(1, keepdims=True)
        kernel = np.divide(kernel, total, out=np.zeros_like(kernel), where=total > 0)
        rows = np.repeat(np.arange(len(kernel)), kernel.shape[1])
        shape = (len(kernel), training_texts)
        return sparse.csr_array((kernel.ravel(), (rows, self.indices.ravel())), shape=shape)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The labels of the training texts, (texts, labels), and their frequencies, (labels,)."""

    matrix: sparse.csr_array
    prior: Floats

    def probabilities(self, weights: sparse.csr_array, smoothing: float) -> Floats:
        """Return q_c = (Σ_j w_j y_jc + a π_c) / (1 + a), shape (texts, labels)."""
        votes = (weights @ self.matrix).toarray()
        near = (np.asarray(weights.sum(1)).ravel() > 0).astype(np.float64)
        mass = near + smoothing
        # Without neighbours and without smoothing nothing is likely.
        mass[mass == 0] = 1
        return np.asarray((votes + smoothing * self.prior) / mass[:, None])


def score_settings(
    neighbours: NearestTexts,
    labels: Labels,
    smoothing: float,
    symbols: Sequence[str],
    expected: Sequence[Expected],
) -> Json:
    """Return the gain of each k and β over k = 20 and β = 10, as nested lists.

    That is the mean difference of the texts' Jaccard less its standard error: with few texts, the
    highest mean of 25 is mostly luck, and what is chosen by luck does worse on other texts.
    """
    training_texts = labels.matrix.shape[0]

    def scores(k: int, beta: float) -> Floats:
        probabilities = labels.probabilities(neighbours.weights(k, beta, training_texts), smoothing)
        return _jaccard(probabilities, symbols, expected)

    usual = scores(*_DEFAULT)
    gains = [_sure_gain(scores(k, beta) - usual) for k, beta in product(NEIGHBOUR_COUNTS, BETAS)]
    return np.reshape(gains, (len(NEIGHBOUR_COUNTS), len(BETAS))).tolist()


def choose_settings(gains: Json, k: int | None, beta: float | None) -> tuple[int, float]:
    """Return k and β: the fixed value, and otherwise the best of the evaluated ones.

    A fixed value is represented by the nearest evaluated one. Without an evaluation, 20 and 10.
    """
    if gains is None:
        return k or _DEFAULT[0], _DEFAULT[1] if beta is None else beta
    table = np.array(gains)
    rows = range(len(NEIGHBOUR_COUNTS)) if k is None else [_nearest(NEIGHBOUR_COUNTS, k)]
    columns = range(len(BETAS)) if beta is None else [_nearest(BETAS, beta)]
    row, column = max(product(rows, columns), key=lambda at: table[at])
    return k or NEIGHBOUR_COUNTS[row], BETAS[column] if beta is None else beta


def _sure_gain(differences: Floats) -> float:
    """Return the mean less its standard error; 0 for no difference at all."""
    return float(differences.mean() - differences.std(ddof=1) / len(differences) ** 0.5)


def _nearest(values: Sequence[float], value: float) -> int:
    return int(np.argmin(np.abs(np.array(values) - value)))


def _jaccard(probabilities: Floats, symbols: Sequence[str], expected: Sequence[Expected]) -> Floats:
    """Return the Jaccard of each text, shape (texts,)."""
    return selection_jaccard(jaccard_prefixes(probabilities, MAX_EMOJI, 1.0), symbols, expected)
