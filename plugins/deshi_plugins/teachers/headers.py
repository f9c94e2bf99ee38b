"""Response headers: the time to wait and the remainder of each rate limit."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from deshi.api import RateLimit

Bucket: TypeAlias = Literal["requests", "tokens", "input-tokens", "output-tokens"]

_ANTHROPIC: Final[tuple[Bucket, ...]] = ("requests", "tokens", "input-tokens", "output-tokens")
_OPENAI: Final[tuple[Bucket, ...]] = ("requests", "tokens")
_SPAN = re.compile(r"(?<![0-9.])([0-9.]+)(ms|h|m|s|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait before a retry: milliseconds, seconds or an HTTP date."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _number(headers.get(name, ""))
        if seconds is not None:
            return max(0.0, seconds * unit)
    try:
        date = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, date.timestamp() - time.time())


def rate_limits(headers: Mapping[str, str]) -> tuple[RateLimit, ...]:
    """Return the buckets that the headers describe, in any of the three spellings."""
    return (*_anthropic(headers), *_openai(headers), *_openrouter(headers))


def request_id(headers: Mapping[str, str]) -> str:
    """Return the server's name for a request."""
    return headers.get("request-id") or headers.get("x-request-id") or ""


def _anthropic(headers: Mapping[str, str]) -> Iterator[RateLimit]:
    for bucket in _ANTHROPIC:
        start = f"anthropic-ratelimit-{bucket}-"
        reset = _seconds_until(headers.get(start + "reset", ""))
        yield from _limit(
            bucket, headers.get(start + "limit"), headers.get(start + "remaining"), reset
        )


def _openai(headers: Mapping[str, str]) -> Iterator[RateLimit]:
    for bucket in _OPENAI:
        limit = headers.get(f"x-ratelimit-limit-{bucket}")
        remaining = headers.get(f"x-ratelimit-remaining-{bucket}")
        yield from _limit(
            bucket, limit, remaining, _span(headers.get(f"x-ratelimit-reset-{bucket}", ""))
        )


def _openrouter(headers: Mapping[str, str]) -> Iterator[RateLimit]:
    """OpenRouter's three headers: requests, with the reset in milliseconds since the epoch."""
    reset = _number(headers.get("x-ratelimit-reset", ""))
    seconds = max(0.0, reset / 1000 - time.time()) if reset is not None else 0.0
    limit, remaining = headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")
    yield from _limit("requests", limit, remaining, seconds)


def _limit(
    bucket: Bucket, limit: str | None, remaining: str | None, reset: float
) -> Iterator[RateLimit]:
    whole, left = _number(limit or ""), _number(remaining or "")
    if whole is not None and left is not None:
        yield RateLimit(bucket=bucket, limit=int(whole), remaining=int(left), reset=reset)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds_until(moment: str) -> float:
    """Return the seconds until an RFC 3339 time; 0 where it cannot be read."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _span(text: str) -> float:
    """Return the seconds of `6m0s` or `120ms`."""
    return sum(float(number) * _UNITS[unit] for number, unit in _SPAN.findall(text))
