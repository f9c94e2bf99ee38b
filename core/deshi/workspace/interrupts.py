"""Ctrl-C while teachers are asked: the first lets what is in flight come in, the second does not."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Where a request to stop arrives in this process, and who is told of it."""

    def __init__(self) -> None:
        self._told: list[Callable[[], None]] = []
        self._arrived = 0

    def arrive(self) -> None:
        """Tell all who hear, and whoever begins to hear later."""
        self._arrived += 1
        for tell in tuple(self._told):
            tell()

    @contextmanager
    def told_to(self, tell: Callable[[], None]) -> Iterator[None]:
        """Have interrupts told, also those that come as signals where this is the main thread.

        `tell` is called from any thread. A process that ignores Ctrl-C goes on ignoring it: it is
        told by whoever made it.
        """
        self._told.append(tell)
        for _ in range(self._arrived):
            tell()
        before = {} if not _is_main() else {s: self._catch(s) for s in _SIGNALS if _is_ours(s)}
        try:
            yield
        finally:
            self._told.remove(tell)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _catch(self, number: signal.Signals) -> signal._HANDLER:
        def caught(_number: int, _frame: FrameType | None) -> None:
            self.arrive()

        return signal.signal(number, caught)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _is_ours(number: signal.Signals) -> bool:
    """Whether a signal has the handler that Python gave it."""
    return signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL)
