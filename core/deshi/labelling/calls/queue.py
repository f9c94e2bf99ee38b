"""The queue of requests: those that may go, and those that have to wait until a given time."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from deshi.api import Request


@dataclass(slots=True)
class QueuedRequest:
    """A request, with its tries, those that count as failures, and its empty answers."""

    key: str
    request: Request
    tries: int = 0
    counted: int = 0
    empty: int = 0


@dataclass
class RequestQueue:
    """Requests in order of arrival; retries come back at their time."""

    ready: deque[QueuedRequest] = field(default_factory=deque)
    _later: list[tuple[float, int, QueuedRequest]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def of(cls, requests: Mapping[str, Request]) -> RequestQueue:
        """Return a queue of requests by key."""
        return cls(deque(QueuedRequest(key, request) for key, request in requests.items()))

    def __bool__(self) -> bool:
        return bool(self.ready or self._later)

    def requeue(self, queued: QueuedRequest, at: float) -> None:
        """Put a request back, to go no earlier than `at`."""
        heapq.heappush(self._later, (at, next(self._count), queued))

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may go, 0 if one may; None if there is none."""
        while self._later and self._later[0][0] <= now:
            self.ready.append(heapq.heappop(self._later)[2])
        if self.ready:
            return 0.0
        return self._later[0][0] - now if self._later else None
