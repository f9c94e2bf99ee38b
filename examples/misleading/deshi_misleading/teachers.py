"""A teacher whose labels have nothing to do with the text."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Annotated

from deshi.api import Env, Help, Reply, Request

_FREQUENT = ("😊", "📚", "🎉", "🎵", "🏆", "😭", "🍙", "☔", "🐈", "🚃")


@dataclass(frozen=True, kw_only=True)
class BlindfoldParams:
    """Parameters of `blindfold`."""

    seed: Annotated[int, Help("Another seed, other labels.")] = 0


class Blindfold:
    """Draws emoji by a hash of the text: always the same, and never to be learned."""

    def __init__(self, params: BlindfoldParams, env: Env) -> None:
        self.params = params

    async def answer(self, request: Request) -> Reply:
        """Return three different emoji, the first of the list most often."""
        dice = random.Random(f"{self.params.seed} {request.sample} {request.text}")
        weights = [1 / (rank + 1) for rank in range(len(_FREQUENT))]
        drawn = dict.fromkeys(dice.choices(_FREQUENT, weights, k=12))
        return Reply(content=" ".join(list(drawn)[:3]))
