"""Token buckets, as real servers limit with: requests, input tokens, output tokens a minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

Name: TypeAlias = Literal["requests", "input-tokens", "output-tokens"]


class Bucket:
    """Holds `limit` tokens and refills as many a minute, steadily."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._level = float(limit)
        self._at = clock()

    @property
    def level(self) -> float:
        """What is in it now."""
        now = self._clock()
        self._level = min(self.limit, self._level + (now - self._at) * self.limit / 60)
        self._at = now
        return self._level

    def take(self, amount: int) -> None:
        """Take some out; what is given back has a minus before it."""
        self._level = min(self.limit, self.level - amount)

    def wait_for(self, amount: int) -> float:
        """Return the seconds until so much is in it."""
        return max(0.0, (min(amount, self.limit) - self.level) * 60 / self.limit)

    @property
    def full_in(self) -> float:
        """The seconds until it is full."""
        return (self.limit - self.level) * 60 / self.limit


@dataclass
class Limits:
    """The buckets of a server; none where nothing is limited."""

    buckets: Mapping[Name, Bucket] = field(default_factory=dict)

    def wait_for(self, wanted: Mapping[Name, int]) -> tuple[float, str]:
        """Return how long a request must wait, 0 if it need not, and for which bucket."""
        if not self.buckets:
            return 0.0, ""
        waits = {name: b.wait_for(wanted.get(name, 0)) for name, b in self.buckets.items()}
        name = max(waits, key=lambda n: waits[n])
        return waits[name], name

    def take(self, amounts: Mapping[Name, int]) -> None:
        """Take from the buckets."""
        for name, bucket in self.buckets.items():
            bucket.take(amounts.get(name, 0))

    def anthropic_headers(self) -> dict[str, str]:
        """Return the headers that Anthropic's API tells its buckets with."""
        now = datetime.now(UTC)
        return {
            f"anthropic-ratelimit-{name}-{what}": value
            for name, bucket in self.buckets.items()
            for what, value in (
                ("limit", str(bucket.limit)),
                ("remaining", str(max(0, int(bucket.level)))),
                ("reset", (now + timedelta(seconds=bucket.full_in)).isoformat()),
            )
        }

    def openai_headers(self) -> dict[str, str]:
        """Return the headers that OpenAI's API tells its buckets with: `tokens` are those put in."""
        names = {"requests": "requests", "input-tokens": "tokens"}
        return {
            f"x-ratelimit-{what}-{names[name]}": value
            for name, bucket in self.buckets.items()
            if name in names
            for what, value in (
                ("limit", str(bucket.limit)),
                ("remaining", str(max(0, int(bucket.level)))),
                ("reset", f"{int(bucket.full_in * 1000)}ms"),
            )
        }
