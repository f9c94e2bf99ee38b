"""The queue of requests: those that may go, and those that wait for a time; and the clock for that."""

from __future__ import annotations

import bisect
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import anyio

from deshi.api import Request


class Clock:
    """Tells the time, in seconds, and waits: the machine's; tests bring one that waits for no hour."""

    def now(self) -> float:
        """Return the time."""
        return time.monotonic()

    async def wait(self, event: anyio.Event, seconds: float | None, in_flight: int) -> None:  # noqa: ARG002
        """Wait until the event is set, which `in_flight` requests may do, or the seconds have passed."""
        with anyio.move_on_after(seconds):
            await event.wait()


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
        self._later: list[tuple[float, QueuedRequest]] = []

    def __bool__(self) -> bool:
        return bool(self.ready or self._later)

    def requeue(self, queued: QueuedRequest, at: float) -> None:
        """Put a request back, to go no earlier than `at`."""
        bisect.insort(self._later, (at, queued), key=lambda pair: pair[0])

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may go, 0 if one may; None if there is none."""
        while self._later and self._later[0][0] <= now:
            self.ready.append(self._later.pop(0)[1])
        if self.ready:
            return 0.0
        return self._later[0][0] - now if self._later else None
