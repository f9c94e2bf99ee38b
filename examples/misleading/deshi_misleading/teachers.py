"""A teacher whose labels are unrelated to the text."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Annotated

from deshi.api import Env, Help, Reply, Request

_FREQUENT = ("😊", "📚", "🎉", "🎵", "🏆", "😭", "🍙", "☔", "🐈", "🚃")


@dataclass(frozen=True, kw_only=True)
class BlindfoldParams:
    """Parameters of `blindfold`."""

    seed: Annotated[int, Help("Seed of the labels.")] = 0


class Blindfold:
    """Samples emoji by a hash of the text: deterministic, and impossible to learn."""

    def __init__(self, params: BlindfoldParams, env: Env) -> None:
        self.params = params

    async def answer(self, request: Request) -> Reply:
        """Return three different emoji, the first of the list most often."""
        dice = random.Random(f"{self.params.seed} {request.sample} {request.text}")
        weights = [1 / (rank + 1) for rank in range(len(_FREQUENT))]
        sampled = dict.fromkeys(dice.choices(_FREQUENT, weights, k=12))
        return Reply(content=" ".join(list(sampled)[:3]))
