"""Machine settings of an entry: `[kind.entry.env]` and `[kind.entry.limits]`, checked before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import UsageError

if TYPE_CHECKING:
    from deshi.registry import Entry

_COUNTS = (("env", "threads"), ("env", "inference-batch"), ("limits", "concurrency"))
"""The settings that the host or several components read, each a number of at least 1."""


def check_machine_settings(entry: Entry) -> None:
    """Check the settings that are numbers.

    Raises:
        UsageError: one is no whole number of at least 1.
    """
    for table, key in _COUNTS:
        value = getattr(entry, table).get(key, 1)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            origin = entry.origin_of(table, key)
            raise UsageError(
                f"{value!r} is no whole number of at least 1",
                where=f"{entry.path}.{table}.{key}",
                mend=f"set a number ({origin})",
            )
