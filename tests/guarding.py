"""Components of tests behind the boundary at which the host checks what comes back."""

from __future__ import annotations

from typing import Any

from deshi.api import Kind
from deshi.registry.boundary import guarded


def behind(kind: Kind, component: Any, name: str = "it") -> Any:
    """Return a component as the registry hands it out."""
    return guarded(component, kind, f"{kind} '{name}'")
