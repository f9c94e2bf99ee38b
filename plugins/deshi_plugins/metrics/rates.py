"""Rates: shares of texts with a prediction of some kind, independent of the gold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deshi.api import NoParams, UsageError
from deshi.emoji import canonical
from deshi_plugins.metrics.base import MeanMetric
from deshi_plugins.metrics.params import BannedParams, FormatParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import Env, Expected, Prediction
    from deshi.api.records import Array
    from deshi.emoji import Alphabet


class FormatOk(MeanMetric[FormatParams]):
    """Share of predictions of emoji alone, in a number that the task allows."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return 1 where a prediction is well-formed, shape (items,)."""
        del expected, alphabet
        least, most = self.params.least, self.params.most
        good = [a.unknown == 0 and least <= len(a.emojis) <= most for a in predicted]
        return np.array(good, np.float64)


class NoAnswer(MeanMetric[NoParams]):
    """Share of predictions without any emoji: refusals, empty predictions, mere text."""

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return 1 where a prediction has no emoji, shape (items,)."""
        del expected, alphabet
        return np.array([not prediction.emojis for prediction in predicted], np.float64)


class Banned(MeanMetric[BannedParams]):
    """Share of predictions with an emoji that the prompt forbids."""

    def __init__(self, params: BannedParams, env: Env) -> None:
        super().__init__(params, env)
        self._banned = frozenset(map(_one_emoji, params.emojis))

    def per_item(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array:
        """Return 1 where a prediction has a banned emoji, shape (items,)."""
        del expected, alphabet
        flags = [not self._banned.isdisjoint(prediction.emojis) for prediction in predicted]
        return np.array(flags, np.float64)


def _one_emoji(symbol: str) -> str:
    emoji = canonical(symbol)
    if emoji is None:
        raise UsageError(
            f"{symbol!r} in `emojis` is not one emoji",
            where="metric banned",
            fix='write one emoji per string, as in emojis = ["✨", "🎉"]',
        )
    return emoji
