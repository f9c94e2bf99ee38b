"""How many requests may be in flight: decided once an epoch, on the share that was throttled.

A rule that shrinks with every throttled request, as TCP does with every lost packet, settles at the
square root of the inverse share: some random refusals would hold it near six. One decision an epoch
on the share does not.
"""

from __future__ import annotations

import math
import statistics

_EPOCH = 0.5
_FEWEST = 8
_MANY = 0.15
_FEW = 0.10
_SLOWER = 3.0


class Concurrency:
    """The limit on requests in flight, between 1 and `most`.

    Where more than 15 % of an epoch was throttled, by over a standard deviation, it shrinks by a fifth;
    up to 10 % it grows, by half until it first shrank and by a twentieth from then on, if it was reached
    and answers do not take three times as long as in the best epoch.
    """

    def __init__(self, start: int, most: int, now: float) -> None:
        self.limit = min(start, most)
        self.most = most
        self._doubling = True
        self._best: float | None = None
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._since = now
        self._ended = 0
        self._throttled = 0
        self._was_reached = False
        self._times: list[float] = []

    @property
    def is_congested(self) -> bool:
        """Whether much of the running epoch was throttled."""
        return self._throttled >= 3 and self._throttled > _MANY * self._ended

    def note_limit_reached(self) -> None:
        """Note that a request had to wait for another to end."""
        self._was_reached = True

    def ended(self, now: float, *, throttled: bool, seconds: float | None = None) -> None:
        """Count an attempt that ended; `seconds` is how long its answer took, if one came."""
        self._ended += 1
        self._throttled += throttled
        if seconds is not None:
            self._times.append(seconds)
        if now - self._since >= _EPOCH and self._ended >= _FEWEST:
            self._decide()
            self._begin(now)

    def _decide(self) -> None:
        ended = self._ended
        deviation = math.sqrt(_MANY * (1 - _MANY) * ended)
        if self._throttled > _MANY * ended + deviation:
            self.limit = max(1, int(self.limit * 0.8))
            self._doubling = False
        elif self._throttled <= _FEW * ended and self._was_reached and not self._is_slower():
            step = self.limit * (0.5 if self._doubling else 0.05)
            self.limit = min(self.most, self.limit + max(1, int(step)))

    def _is_slower(self) -> bool:
        if not self._times:
            return False
        middle = statistics.median(self._times)
        self._best = middle if self._best is None else min(self._best, middle)
        return middle > _SLOWER * self._best
