"""Components of tests behind the boundary at which the host checks what comes back."""

from __future__ import annotations

from typing import Any

from deshi.api import FilterSpec, Kind
from deshi.registry.boundary import guarded
from deshi.registry.offer import Offer
from deshi.registry.plugin import PluginRecord

PLUGIN = PluginRecord(name="it", distribution="it", version="1", entry="it")
SPEC = FilterSpec(name="it", target="it:It", summary="It.", places=frozenset({"source"}))


def behind(kind: Kind, component: Any, name: str = "it") -> Any:
    """Return a component as the registry hands it out."""
    return guarded(component, Offer(kind=kind, id=name, spec=SPEC, plugin=PLUGIN))
