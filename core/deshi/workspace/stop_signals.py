"""Ctrl-C, and what else ends a command from outside: in order, once, and in any case.

Python raises KeyboardInterrupt wherever the main thread is: in a lock of another library, in what
Python calls and whose errors it drops, in the start of a thread. So a signal is noted twice. The main
thread raises, or calls who listens; a thread beside it, which even a computation in C does not hold up,
ends the process if that did not.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_WORDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}
NUMBERS = {number: _WORDS[number.name] for number in signal.Signals if number.name in _WORDS}
_PYTHONS_OWN = (signal.default_int_handler, signal.SIG_DFL)
_SAME = 1.0
"""Seconds in which a signal is the one before it: who sends to a group may send to its leader too."""
_GRACE = 5.0
"""Seconds that an orderly end may take, after the last request in flight."""
_LONGEST = 60.0
"""Seconds that requests in flight may take."""
_TICK = 0.05


class StopSignals:
    """The handler of these signals in this process; `number` is the first that came."""

    def __init__(self) -> None:
        self.number = 0
        self._listeners: list[Callable[[], object]] = []
        self._handled = self._last = self._deadline = 0.0
        self._count = 0
        self._over = False

    @classmethod
    def installed(cls) -> StopSignals:
        """Return those of this process, which are installed unless they are there.

        A signal that the process was started to ignore stays ignored. In another than the main thread
        nothing can be installed.
        """
        there = signal.getsignal(signal.SIGTERM)
        if isinstance(there, cls):
            return there
        made = cls()
        if threading.current_thread() is threading.main_thread():
            made._install()
        return made

    def _install(self) -> None:
        if os.name == "posix":
            reader, writer = _pipe()
            os.set_blocking(writer, False)
            signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
            threading.Thread(target=self._watch, args=(reader,), daemon=True).start()
        atexit.register(self._exit)
        before = sys.unraisablehook
        sys.unraisablehook = lambda lost: None if self._is_ours(lost) else before(lost)
        for number in NUMBERS:
            if signal.getsignal(number) in _PYTHONS_OWN:
                signal.signal(number, self)

    def _is_ours(self, lost: sys.UnraisableHookArgs) -> bool:
        """Say whether what Python would drop with a traceback is the signal that ends the process."""
        return bool(self.number) and issubclass(lost.exc_type, KeyboardInterrupt)

    @property
    def status(self) -> int:
        """The exit status of what a signal ended."""
        return 128 + (self.number or signal.SIGINT)

    @property
    def message(self) -> str:
        """What is said of it."""
        word = NUMBERS[signal.Signals(self.number or signal.SIGINT)]
        return f"deshi: {word}; run the same command again to continue"

    def end(self) -> None:
        """The work is done: what comes from now on ends the process at once."""
        self._over = True

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Call who listens, else raise KeyboardInterrupt, for the first; the second is for listeners."""
        now = time.monotonic()
        if not self.number:
            self.number = number
        if self._handled and now - self._handled < _SAME:
            return
        is_first, self._handled = not self._handled, now
        if is_first and self._over:
            self._leave()
        for listener in tuple(self._listeners):
            listener()
        if is_first and not self._listeners:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def listening(self, listener: Callable[[], object]) -> Iterator[None]:
        """Call `listener` instead of raising."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def _watch(self, reader: int) -> None:
        """End the process when its time is over, whatever the main thread does."""
        while True:
            for number in os.read(reader, 64):
                self._note(number)
            while self.number:
                os.set_blocking(reader, False)
                with contextlib.suppress(BlockingIOError):
                    for number in os.read(reader, 64):
                        self._note(number)
                now = time.monotonic()
                if self._listeners and self._count == 1 and now < self._last + _LONGEST:
                    self._deadline = now + _GRACE
                if now > self._deadline:
                    self._leave()
                time.sleep(_TICK)

    def _note(self, number: int) -> None:
        now = time.monotonic()
        if number not in NUMBERS or (self._count and now - self._last < _SAME):
            return
        self.number = self.number or number
        self._count += 1
        self._last, self._deadline = now, now + _GRACE
        if self._count > 2 or (self._count == 2 and not self._listeners):
            self._leave()

    def _exit(self) -> None:
        """Exit with the status that was said: Python forgets it where the interrupt was in an `exec`."""
        if self.number:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError, AttributeError):
                    stream.flush()
            os._exit(self.status)

    def _leave(self) -> NoReturn:
        """End the process here and now; what it writes is whole or absent, as after a kill."""
        shows_the_cursor = "\x1b[?25h" if os.isatty(2) else ""
        with contextlib.suppress(OSError):
            os.write(2, f"{shows_the_cursor}{self.message}\n".encode())
        os._exit(self.status)


def _pipe() -> list[int]:
    """Return a pipe whose ends are no standard stream's number, should one be closed."""
    import fcntl

    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends]
    for end in ends:
        os.close(end)
    return moved


def nobody_interrupted() -> bool:
    """Say whether no signal came, so that a KeyboardInterrupt was raised by somebody's code."""
    handler = signal.getsignal(signal.SIGTERM)
    return isinstance(handler, StopSignals) and not handler.number


@contextlib.contextmanager
def listening(listener: Callable[[], object]) -> Iterator[None]:
    """Call `listener` where a signal would raise KeyboardInterrupt, or end the process.

    It is called in the main thread; in another, nothing is. What handlers of others do stays.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with contextlib.ExitStack() as stack:
        handlers = {number: signal.getsignal(number) for number in NUMBERS}
        if found := {one for one in handlers.values() if isinstance(one, StopSignals)}:
            stack.enter_context(found.pop().listening(listener))
        for number, handler in handlers.items():
            if handler in _PYTHONS_OWN:
                stack.callback(signal.signal, number, handler)
                signal.signal(number, lambda *_: listener())
        yield


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Hold signals back in the main thread over what must not be broken off; they arrive behind it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    handlers = {number: signal.getsignal(number) for number in NUMBERS}
    try:
        for number, handler in handlers.items():
            if callable(handler):
                signal.signal(number, lambda got, _: arrived.append(got))
        yield
    finally:
        for number, handler in handlers.items():
            if callable(handler):
                signal.signal(number, handler)
        for got in arrived:
            handler = handlers[signal.Signals(got)]
            if callable(handler):
                handler(got, None)
