"""What a paired comparison of two rows found, or why it could find nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Method: TypeAlias = Literal[
    "approximate randomisation", "exact randomisation", "two-level t", "relabelling of runs", "none"
]


@dataclass(frozen=True, slots=True)
class PairedResult:
    """The difference a - b, its interval, and the two-sided p of there being none.

    `low` and `high` are None where the test has no interval of its own or it is undefined. `p` is
    None where no verdict is possible, and `reason` then says why; such a comparison is no member of a
    Holm family.
    """

    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    method: Method
    reason: str = ""
