"""Where a plugin's code comes from: an installed distribution, an editable one, or a file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from deshi.api.installing import recorded_source

if TYPE_CHECKING:
    from deshi.api import Json
    from deshi.registry.plugin import PluginRecord


def source_of(record: PluginRecord) -> dict[str, Json]:
    """Return what distinguishes a plugin's code; no path of this machine.

    An editable installation may have changed since its version was given; the file of a local plugin
    is named by the hash of its content.
    """
    if record.is_local:
        path = Path(record.entry)
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        return {"local": path.name, "sha256": digest}
    return {"entry": record.entry, "editable": is_editable(record.distribution)}


def is_editable(distribution: str) -> bool:
    """Say whether a distribution is installed from a folder in which it is being worked on."""
    return bool(recorded_source(distribution).get("dir_info", {}).get("editable", False))
