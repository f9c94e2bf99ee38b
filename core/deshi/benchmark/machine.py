"""Machine settings of an entry: `[kind.entry.env]` and `[kind.entry.limits]`, checked before a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from deshi.api import Json, UsageError, nearest

if TYPE_CHECKING:
    from deshi.registry import Entry


_Check = tuple[Callable[[Json], bool], str, str]


def _is_positive(value: Json) -> bool:
    return type(value) in (int, float) and 0 < value < math.inf


_COUNT: _Check = (
    lambda value: type(value) is int and value >= 1,
    *("not a whole number of at least 1", "set a number"),
)
_POSITIVE: _Check = (_is_positive, "not a number above 0", "set a number")
_AMOUNT: _Check = (
    lambda value: value == 0 or _is_positive(value),
    *("not an amount in USD", "set a number"),
)
_SWITCH: _Check = (lambda value: type(value) is bool, "neither true nor false", "set one of them")
_ENV: Mapping[str, _Check] = {"threads": _COUNT, "inference-batch": _COUNT}
"""What the host or several components read; a component may read more."""
_LIMITS: Mapping[str, _Check] = {
    "concurrency": _COUNT,
    "requests-per-minute": _POSITIVE,
    "usd": _AMOUNT,
    "timeout": _POSITIVE,
    "batch": _SWITCH,
    "batch-size": _COUNT,
    "poll": _POSITIVE,
}
"""What the host's runner reads; it is all there is, since a limit that is misspelt would not hold."""


def check_machine_settings(entry: Entry) -> None:
    """Check the settings that the host reads."""
    for key in entry.limits:
        if key not in _LIMITS:
            fix = f"{nearest(key, _LIMITS)} ({entry.origin_of('limits', key)})"
            raise UsageError(f"unknown limit '{key}'", where=f"{entry.path}.limits", fix=fix)
    for table, checks in (("env", _ENV), ("limits", _LIMITS)):
        for key, (is_right, what, fix) in checks.items():
            settings = getattr(entry, table)
            if key in settings and not is_right(settings[key]):
                raise UsageError(
                    f"{settings[key]!r} is {what}",
                    where=f"{entry.path}.{table}.{key}",
                    fix=f"{fix} ({entry.origin_of(table, key)})",
                )
