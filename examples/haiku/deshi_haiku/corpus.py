"""The corpus `haiku`."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from deshi.api import Env, Help, Json, Text
from deshi_haiku.seasons import ENDS, MIDDLES, SEASONS


@dataclass(frozen=True, kw_only=True)
class HaikuParams:
    """Parameters of `haiku`."""

    limit: Annotated[int, Help("Maximum number of haiku.", ge=1)] | None = None
    order: Annotated[int, Help("Seed of the order of the haiku.")] = 0


class Haiku:
    """All haiku of a season word, a middle and an end; those of one word are one document."""

    def __init__(self, params: HaikuParams, env: Env) -> None:
        self.params = params
        self._read: Counter[str] = Counter()

    def texts(self) -> Iterator[Text]:
        """Yield haiku in an order that only the parameter `order` changes."""
        lines = [
            (season, word, middle, end)
            for season, (_, words) in SEASONS.items()
            for word, middle, end in itertools.product(words, MIDDLES, ENDS)
        ]
        random.Random(self.params.order).shuffle(lines)
        self._read = Counter()
        for season, word, middle, end in lines[: self.params.limit]:
            self._read[season] += 1
            yield Text(
                id=f"{word}/{middle}/{end}",
                document=word,
                text=f"{word}、{middle}{end}。",
                references=((SEASONS[season][0],),),
                meta={"season": season},
            )

    def report(self) -> Mapping[str, Json]:
        """Return how many haiku of each season were read."""
        return {"read": dict(sorted(self._read.items()))}
