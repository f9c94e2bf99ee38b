"""The requests that wait for their turn: those that may go, and those that may not go before a time."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from deshi.api import Request


@dataclass(slots=True)
class Asked:
    """A request on its way: how often it was tried, how often that counted, how often it was empty."""

    key: str
    request: Request
    tries: int = 0
    counted: int = 0
    empty: int = 0


@dataclass
class Waiting:
    """The queue: in the order in which requests came, those to be asked again when their time is."""

    ready: deque[Asked] = field(default_factory=deque)
    _later: list[tuple[float, int, Asked]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def of(cls, requests: Mapping[str, Request]) -> Waiting:
        """Return a queue of requests by key."""
        return cls(deque(Asked(key, request) for key, request in requests.items()))

    def __bool__(self) -> bool:
        return bool(self.ready or self._later)

    def again(self, asked: Asked, at: float) -> None:
        """Put a request back, not to go before a time."""
        heapq.heappush(self._later, (at, next(self._count), asked))

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may go, 0 if one may; None if there is none."""
        while self._later and self._later[0][0] <= now:
            self.ready.append(heapq.heappop(self._later)[2])
        if self.ready:
            return 0.0
        return self._later[0][0] - now if self._later else None
