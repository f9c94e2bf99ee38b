"""The queue of requests: those that may go, and those that have to wait until a given time."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from deshi.api import Request


@dataclass(slots=True)
class QueuedRequest:
    """A request, with its tries, those that count as failures, and its empty answers.

    Of the try that is in flight: its number in the ledger, what is reserved for it, when it began, and
    how many others were in flight then.
    """

    key: str
    request: Request
    tries: int = 0
    counted: int = 0
    empty: int = 0
    attempt: int = 0
    worst: int = 0
    began: float = 0.0
    others: int = 0


class RequestQueue:
    """Requests in order of arrival; retries come back at their time."""

    def __init__(self, requests: Mapping[str, Request]) -> None:
        self.ready = deque(QueuedRequest(key, request) for key, request in requests.items())
        self._later: list[tuple[float, int, QueuedRequest]] = []
        self._count = itertools.count()

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
