"""What in the answers is no emoji at all: text passes for variety where nobody counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Metric, NoParams
from deshi_plugins.metrics.base import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, Prediction
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class NonEmoji(Metric):
    """Pieces of the answers that are no emoji, over all their pieces: k = 2."""

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the pieces that are no emoji and all pieces, shape (items, 2)."""
        del expected, alphabet
        pieces = [(answer.unknown, answer.unknown + len(answer.emojis)) for answer in predicted]
        return np.array(pieces, np.float64).reshape(-1, 2)

    def value(self, sums: Array, n: Array) -> Array:
        """Return the share, NaN where there is no answer at all."""
        del n
        return ratio(sums[..., 0], sums[..., 1])
