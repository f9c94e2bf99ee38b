"""When the next request may go, and how many may be in flight.

Requests go by token buckets, after the server's headers and after configured limits. How many are in
flight is decided once an epoch, on the share that was throttled. A rule that shrinks with every
throttled request, as TCP does with every lost packet, settles at the square root of the inverse share:
some random refusals would hold it near six. One decision an epoch on the share does not.

Nothing here reads a clock: every method takes the time, in seconds of any steady clock.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from deshi.api import RateLimit, Usage

_MINUTE = 60.0
_SHARE = 0.98
"""Of a rate, what is used: the server's clock and ours need not agree."""
_WEIGHT = 0.1
"""Of the newest answer in the running mean of tokens a request."""
_EPOCH = 0.5
_FEWEST = 8
_MANY = 0.15
_FEW = 0.10
_SLOWER = 3.0


@dataclass
class Bucket:
    """A token bucket: what it holds now, at most, and what it gains in a second."""

    capacity: float
    rate: float
    level: float
    at: float

    def refill(self, now: float) -> None:
        """Bring the level up to a time."""
        self.level = min(self.capacity, self.level + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)

    def wait(self, amount: float, now: float) -> float:
        """Return the seconds until an amount is there; what exceeds the bucket waits for a full one."""
        self.refill(now)
        missing = min(amount, self.capacity) - self.level
        return max(0.0, missing / self.rate) if missing > 1e-9 else 0.0


class Pacer:
    """Paces the requests to one teacher.

    A configured rate is a bucket of one second's worth, so that requests go evenly. A server's
    buckets are known from its first headers on. What a request takes of a bucket of tokens is the
    running mean of what answers took; the headers put right what that gets wrong.
    """

    def __init__(self, per_minute: float | None, now: float) -> None:
        """Start with a configured rate, in requests a minute, or without any."""
        self._buckets: dict[str, Bucket] = {}
        if per_minute is not None:
            rate = per_minute / _MINUTE
            capacity = max(1.0, rate)
            self._buckets["configured"] = Bucket(capacity, rate * _SHARE, capacity, now)
        names = ("configured", "requests", "tokens", "input-tokens", "output-tokens")
        self._takes = dict.fromkeys(names, 1.0)
        self._hold = now

    def wait(self, now: float) -> float:
        """Return the seconds until the next request may go."""
        waits = [bucket.wait(self._takes[name], now) for name, bucket in self._buckets.items()]
        return max(self._hold - now, 0.0, *waits)

    def take(self, now: float) -> None:
        """Count a request that goes now."""
        for name, bucket in self._buckets.items():
            bucket.refill(now)
            bucket.level -= self._takes[name]

    def hold(self, until: float) -> None:
        """Let nothing go before a time."""
        self._hold = max(self._hold, until)

    def learn(self, usage: Usage | None) -> None:
        """Take up what an answer took of buckets of tokens."""
        if usage is None:
            return
        taken = {
            "input-tokens": usage.input_tokens + usage.cache_write_tokens,
            "output-tokens": usage.output_tokens,
        }
        taken["tokens"] = sum(taken.values())
        for name, amount in taken.items():
            before = self._takes[name]
            self._takes[name] = (
                float(amount) if before == 1.0 else before + _WEIGHT * (amount - before)
            )

    def update_from_headers(
        self,
        limits: Iterable[RateLimit],
        now: float,
        *,
        age: float,
        others: int,
        throttled: bool = False,
    ) -> None:
        """Update the server's buckets from the headers of a response.

        `age` is how long ago its request went, `others` how many are on their way. A server says
        whole numbers, of a moment that has passed: a level is lowered to what it said, plus one and
        what has come since, unless the request was throttled: then the level is taken as it is.
        """
        for limit in limits:
            rate = _rate(limit) * _SHARE
            if rate <= 0:
                continue
            bucket = self._buckets.get(limit.bucket)
            if bucket is None:
                level = limit.remaining - others * self._takes[limit.bucket]
                self._buckets[limit.bucket] = Bucket(limit.limit, rate, level, now)
                continue
            bucket.refill(now)
            bucket.capacity, bucket.rate = float(limit.limit), rate
            slack = 0.0 if throttled else self._takes[limit.bucket] + rate * age
            bucket.level = min(bucket.level, limit.remaining + slack)


def _rate(limit: RateLimit) -> float:
    """Return what a bucket gains in a second: a full one a minute, or slower where `reset` says so."""
    taken = limit.limit - limit.remaining
    if taken > 0 and limit.reset > 2 * _MINUTE:
        return taken / limit.reset
    return limit.limit / _MINUTE


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
