"""Who pays for what a stage asks of teachers: a run, one session of it, and its limit."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A run's account. `cap` is what the run may spend in all its sessions, in nano-USD, if limited."""

    run: str = ""
    session: str = field(default_factory=lambda: uuid.uuid4().hex)
    cap: int | None = None
