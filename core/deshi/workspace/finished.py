"""How a stage of a run ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deshi.workspace.manifest import Manifest


@dataclass(frozen=True)
class Finished:
    """How a stage ended: `made` here, `found` in the store, `failed`, or `blocked` by a failed input."""

    address: str
    status: Literal["made", "found", "failed", "blocked"]
    manifest: Manifest | None = None
    reason: str = ""
    trace: str = ""
