"""Machine settings of an entry: `[kind.entry.env]` and `[kind.entry.limits]`, checked before a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from deshi.api import Json, UsageError, nearest

if TYPE_CHECKING:
    from deshi.registry import Entry

_COUNTS = ("threads", "inference-batch", "concurrency", "batch-size")
_ENV = ("threads", "inference-batch")
"""What the host or several components read; a component may read more."""
_LIMITS = ("concurrency", "requests-per-minute", "usd", "timeout", "batch", "batch-size", "poll")
"""What the host's runner reads; it is all there is, since a limit that is misspelt would not hold."""


def check_machine_settings(entry: Entry) -> None:
    """Check the settings that the host reads."""
    for key in entry.limits:
        if key not in _LIMITS:
            fix = f"{nearest(key, _LIMITS)} ({entry.origin_of('limits', key)})"
            raise UsageError(f"unknown limit '{key}'", where=f"{entry.path}.limits", fix=fix)
    for table, keys in (("env", _ENV), ("limits", _LIMITS)):
        settings = getattr(entry, table)
        for key in keys:
            if key in settings and (what := _fault(key, settings[key])):
                fix = "set one of them" if key == "batch" else "set a number"
                raise UsageError(
                    f"{settings[key]!r} is {what}",
                    where=f"{entry.path}.{table}.{key}",
                    fix=f"{fix} ({entry.origin_of(table, key)})",
                )


def _fault(key: str, value: Json) -> str:
    """Return what is wrong with a setting, nothing if it is right."""
    is_positive = type(value) in (int, float) and 0 < value < math.inf
    if key in _COUNTS:
        return "" if is_positive and type(value) is int else "not a whole number of at least 1"
    if key == "batch":
        return "" if type(value) is bool else "neither true nor false"
    if key == "usd":
        return "" if is_positive or value == 0 else "not an amount in USD"
    return "" if is_positive else "not a number above 0"
