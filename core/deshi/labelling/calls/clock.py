"""The clock of the runner; tests bring one of their own, so that no test waits for an hour."""

from __future__ import annotations

import time
from typing import Protocol

import anyio


class Clock(Protocol):
    """Tells the time, in seconds of any steady clock, and waits."""

    def now(self) -> float:
        """Return the time."""
        ...

    async def wait(self, event: anyio.Event, seconds: float | None, in_flight: int) -> None:
        """Wait until the event is set or the seconds have passed; `flying` requests may set it."""
        ...


class SteadyClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the time."""
        return time.monotonic()

    async def wait(self, event: anyio.Event, seconds: float | None, in_flight: int) -> None:  # noqa: ARG002
        """Wait until the event is set or the seconds have passed."""
        if seconds is None:
            await event.wait()
            return
        with anyio.move_on_after(seconds):
            await event.wait()
