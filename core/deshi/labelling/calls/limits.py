"""What `[teacher.ENTRY.limits]` says, and what calls cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deshi.api import Json, Reply, Request
from deshi.labelling.ledger.transitions import NANO, CostSource


def nano(usd: float | None) -> int | None:
    """Return USD as whole nano-USD, rounded down; None stays None."""
    return None if usd is None else math.floor(usd * NANO + 1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The machine settings of a teacher: none of them changes an answer.

    `timeout` and `poll` are in seconds, `usd` is what all runs of the workspace may spend on this
    entry, in nano-USD.
    """

    concurrency: int = 64
    per_minute: float | None = None
    usd: int | None = None
    timeout: float = 300.0
    batch: bool = False
    batch_size: int = 10_000
    poll: float = 30.0

    @classmethod
    def of(cls, table: Mapping[str, Json]) -> Limits:
        """Read the table, which `benchmark.machine` has checked."""
        own = {key.replace("-", "_"): value for key, value in table.items()}
        rate, usd = own.pop("requests_per_minute", None), own.pop("usd", None)
        return cls(per_minute=rate, usd=nano(usd), **own)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a teacher's calls cost, in nano-USD; nothing where it does not estimate costs."""

    teacher: Any
    is_paid: bool
    in_batch: bool = False

    def worst(self, request: Request) -> int:
        """Return what is reserved for one attempt."""
        if not self.is_paid:
            return 0
        teacher = self.teacher
        worst_case = teacher.worst_case_in_batch if self.in_batch else teacher.worst_case
        return int(worst_case(request))

    def cost(self, reply: Reply, worst: int) -> tuple[int, CostSource]:
        """Return what an answer cost and how that is known: the server's word, tokens, the worst."""
        if reply.cost is not None:
            return max(0, int(reply.cost)), "server"
        if not self.is_paid:
            return 0, "none"
        if reply.usage is None:
            return worst, "worst-case"
        price = self.teacher.price_in_batch if self.in_batch else self.teacher.price
        return max(0, int(price(reply.usage))), "usage"
