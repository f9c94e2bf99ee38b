"""How neighbours vote, and how many of them and how sharply: chosen on validation."""

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

COUNTS = (5, 10, 20, 50, 100)
SHARPNESSES = (1.0, 3.0, 10.0, 20.0, 40.0)
_DEFAULT = (20, 10.0)
# Fewer validation texts than these say nothing about 25 settings.
ENOUGH = 20


@dataclass(frozen=True, slots=True, eq=False)
class Electorate:
    """The neighbours of n texts, nearest first: cosines, places and who may vote, all (n, k)."""

    cosines: Floats
    places: npt.NDArray[np.int64]
    may_vote: npt.NDArray[np.bool_]

    def weights(self, k: int, beta: float, voters: int) -> sparse.csr_array:
        """Return the kernel exp(β (cos - 1)) of the `k` nearest, each row summing to 1, (n, voters).

        The row of a text without any neighbour is 0.
        """
        votes = self.may_vote & (np.cumsum(self.may_vote, axis=1) <= k)
        nearest = np.where(votes, self.cosines, -np.inf).max(1, keepdims=True)
        # But for a factor a row, which normalising takes away again: no row underflows.
        gap = np.where(votes, np.where(np.isfinite(nearest), nearest, 0) - self.cosines, 0)
        kernel = np.where(votes, np.exp(-beta * gap), 0)
        total = kernel.sum(1, keepdims=True)
        kernel = np.divide(kernel, total, out=np.zeros_like(kernel), where=total > 0)
        rows = np.repeat(np.arange(len(kernel)), kernel.shape[1])
        shape = (len(kernel), voters)
        return sparse.csr_array((kernel.ravel(), (rows, self.places.ravel())), shape=shape)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What the training texts were labelled with, (texts, labels), and the frequencies, (labels,)."""

    matrix: sparse.csr_array
    prior: Floats

    def chances(self, weights: sparse.csr_array, smoothing: float) -> Floats:
        """Return q_c = (Σ_j w_j y_jc + a π_c) / (1 + a), shape (texts, labels)."""
        votes = (weights @ self.matrix).toarray()
        near = (np.asarray(weights.sum(1)).ravel() > 0).astype(np.float64)
        mass = near + smoothing
        # Without neighbours and without smoothing nothing is likely.
        mass[mass == 0] = 1
        return np.asarray((votes + smoothing * self.prior) / mass[:, None])


def judge_votes(
    neighbours: Electorate,
    labels: Labels,
    smoothing: float,
    symbols: Sequence[str],
    expected: Sequence[Expected],
) -> Json:
    """Return what each number of neighbours and sharpness gains on 20 and 10, as nested lists.

    That is the mean difference of the texts' Jaccard less its standard error: with few texts, the
    highest mean of 25 is mostly luck, and what is chosen by luck does worse on other texts.
    """
    voters = labels.matrix.shape[0]

    def judged(k: int, beta: float) -> Floats:
        chances = labels.chances(neighbours.weights(k, beta, voters), smoothing)
        return _jaccard(chances, symbols, expected)

    usual = judged(*_DEFAULT)
    found = [_sure_gain(judged(k, beta) - usual) for k, beta in product(COUNTS, SHARPNESSES)]
    return np.reshape(found, (len(COUNTS), len(SHARPNESSES))).tolist()


def choose_votes(judged: Json, k: int | None, beta: float | None) -> tuple[int, float]:
    """Return k and β: what is given, and for the rest the best that was judged beside it.

    Of a given value the nearest that was judged stands in for it. Where nothing was judged, 20 and 10.
    """
    if judged is None:
        return k or _DEFAULT[0], _DEFAULT[1] if beta is None else beta
    table = np.array(judged)
    rows = range(len(COUNTS)) if k is None else [_nearest(COUNTS, k)]
    columns = range(len(SHARPNESSES)) if beta is None else [_nearest(SHARPNESSES, beta)]
    row, column = max(product(rows, columns), key=lambda at: table[at])
    return k or COUNTS[row], SHARPNESSES[column] if beta is None else beta


def _sure_gain(differences: Floats) -> float:
    """Return the mean less its standard error; 0 for no difference at all."""
    return float(differences.mean() - differences.std(ddof=1) / len(differences) ** 0.5)


def _nearest(values: Sequence[float], value: float) -> int:
    return int(np.argmin(np.abs(np.array(values) - value)))


def _jaccard(chances: Floats, symbols: Sequence[str], expected: Sequence[Expected]) -> Floats:
    """Return the Jaccard of each text, shape (texts,)."""
    return selection_jaccard(jaccard_prefixes(chances, MAX_EMOJI, 1.0), symbols, expected)
