"""Non-emoji tokens in the predictions: uncounted text would pass for diversity."""

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
    """Non-emoji tokens of the predictions over all their tokens: k = 2."""

    def __init__(self, params: NoParams, env: Env) -> None:
        del params, env

    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return the non-emoji tokens and all pieces, shape (items, 2)."""
        del expected, alphabet
        tokens = [(one.unknown, one.unknown + len(one.emojis)) for one in predicted]
        return np.array(tokens, np.float64).reshape(-1, 2)

    def value(self, sums: Array, n: Array) -> Array:
        """Return the share, NaN where there is no prediction at all."""
        del n
        return ratio(sums[..., 0], sums[..., 1])
