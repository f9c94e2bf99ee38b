"""The clock of the runner; tests bring one of their own, so that no test waits for an hour."""

from __future__ import annotations

import time

import anyio


class Clock:
    """Tells the time, in seconds of any steady clock, and waits; this is the machine's."""

    def now(self) -> float:
        """Return the time."""
        return time.monotonic()

    async def wait(self, event: anyio.Event, seconds: float | None, in_flight: int) -> None:  # noqa: ARG002
        """Wait until the event is set, which `in_flight` requests may do, or the seconds have passed."""
        with anyio.move_on_after(seconds):
            await event.wait()
