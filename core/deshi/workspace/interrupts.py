"""Ctrl-C while requests are in flight: the first waits for their answers, the second does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deshi.workspace.stop_signals import listening


class Interrupts:
    """Receives requests to stop in this process, and passes them to listeners."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], object]] = []
        self._arrived = 0

    def arrive(self) -> None:
        """Call all listeners, and those that register later."""
        self._arrived += 1
        for listener in tuple(self._listeners):
            listener()

    @contextmanager
    def on_interrupt(self, listener: Callable[[], object]) -> Iterator[None]:
        """Call `listener` on interrupts; in the main thread, on signals too.

        It is called from any thread. A process that ignores Ctrl-C goes on ignoring it: its parent
        passes the interrupt on.
        """
        self._listeners.append(listener)
        for _ in range(self._arrived):
            listener()
        try:
            with listening(self.arrive):
                yield
        finally:
            self._listeners.remove(listener)
