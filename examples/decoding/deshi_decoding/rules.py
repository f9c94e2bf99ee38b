"""The decoding rule: the set of labels of the highest expected F1.

Names of shapes: n texts, c labels, k ranks, 13 counts of labels: 0 to 11, and 12 or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from deshi.api import Expected, Json
from deshi_plugins.students import SigmoidRule, prefixes, ranking

Floats = npt.NDArray[np.float64]
_COUNTS = np.arange(13)
_SHARPNESSES = (1.0, 0.7, 1.4, 0.5, 2.0)


class ExpectedF1(SigmoidRule):
    """The prefix of the ranking with the highest expected F1, labels being independent of each other.

    For independent labels the best set is always a prefix (Lewis 1995). The expectation is exact but for
    the counts above 12. A factor of the logits is tuned: below 1 for an overconfident model.
    """

    def tune(
        self,
        probabilities: Floats,
        expected: Sequence[Expected],
        symbols: Sequence[str],
        size: float,
    ) -> Mapping[str, Json]:
        """Return the factor of the highest mean F1, the first of equally good ones."""

        def total_f1(sharpness: float) -> float:
            labels = self.select(probabilities, 5, {"sharpness": sharpness})
            sets = [{symbols[at] for at in row if at >= 0} for row in labels.tolist()]
            pairs = zip(sets, expected, strict=True)
            return sum(max((_f1(one, set(r)) for r in e.references), default=0) for one, e in pairs)

        return {"sharpness": max(_SHARPNESSES, key=total_f1)}

    def select(
        self, probabilities: Floats, most: int, state: Mapping[str, Json]
    ) -> npt.NDArray[np.intp]:
        """Return labels, (n, c) to (n, k), -1 after the last."""
        ranks = ranking(probabilities, most)
        yes, no = probabilities ** state["sharpness"], (1 - probabilities) ** state["sharpness"]
        gains = expected_f1(-np.sort(-yes / (yes + no), axis=-1), ranks.shape[1])
        return prefixes(ranks, gains.argmax(-1) + 1)


def expected_f1(values: Floats, most: int) -> Floats:
    """Return the expected F1 of the first 1 to `most` labels, sorted (n, c) to (n, most).

    With S of the first k labels correct and R of the others, F1 is 2 S / (k + S + R). S and R have
    Poisson binomial distributions, which grow label by label.
    """
    inside = [np.tile(_COUNTS == 0, (len(values), 1)).astype(np.float64)]
    outside = inside[0]
    for label in values[:, :most].T:
        inside.append(_with_label(inside[-1], label))
    for label in values[:, most:].T:
        outside = _with_label(outside, label)
    expectations = np.zeros((len(values), most))
    for k in range(most, 0, -1):
        f1 = 2 * _COUNTS[:, None] / (k + _COUNTS[:, None] + _COUNTS)
        expectations[:, k - 1] = ((inside[k] @ f1) * outside).sum(-1)
        outside = _with_label(outside, values[:, k - 1])
    return expectations


def _with_label(counts: Floats, label: Floats) -> Floats:
    """Return the distribution of a count, (n, 13), with one label more, (n,)."""
    moved = counts * label[:, None]
    grown = counts - moved
    grown[:, 1:] += moved[:, :-1]
    grown[:, -1] += moved[:, -1]  # 12 or more stay so
    return grown


def _f1(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
