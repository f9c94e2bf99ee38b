"""The teacher `almanac`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from deshi.api import Env, Help, Reply, Request
from deshi_haiku.seasons import SEASONS, season_of


@dataclass(frozen=True, kw_only=True)
class AlmanacParams:
    """Parameters of `almanac`."""

    otherwise: Annotated[str, Help("The emoji of a text without a season word.")] = "🗻"


class Almanac:
    """Answers with the emoji of the season; without a season word, with another emoji."""

    def __init__(self, params: AlmanacParams, env: Env) -> None:
        self.params = params

    async def answer(self, request: Request) -> Reply:
        """Return the answer to one request."""
        season = season_of(request.text)
        return Reply(content=SEASONS[season][0] if season else self.params.otherwise)
