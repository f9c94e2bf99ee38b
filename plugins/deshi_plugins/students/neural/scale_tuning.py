"""The number of emoji that `t5` predicts, tuned on validation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deshi.api import Expected
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.rules import scaled_jaccard_sizes
from deshi_plugins.students.selection import Floats, jaccard_by_size, ranking

_SCALES = (0.4, 0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5)


def tune_scale(
    probabilities: Floats, symbols: Sequence[str], expected: Sequence[Expected]
) -> tuple[float, float]:
    """Return the factor of the probabilities with the best mean Jaccard, and that Jaccard.

    The size of a prediction is that of the highest expected Jaccard of min(1, factor · probability): a
    overconfident model gets a factor below 1, and predicts more emoji.
    """
    ranks = ranking(probabilities, MAX_EMOJI)
    jaccard = jaccard_by_size(ranks, symbols, expected)
    rows = np.arange(len(probabilities))
    means = []
    for scale in _SCALES:
        sizes = scaled_jaccard_sizes(probabilities, ranks, scale)
        means.append(float(jaccard[rows, sizes - 1].mean()))
    # Of equally good factors the one nearest to 1.
    best = max(range(len(_SCALES)), key=lambda i: (means[i], -abs(np.log(_SCALES[i]))))
    return _SCALES[best], means[best]
