"""Garbage collection: remove artefacts that no run names. The ledger is never touched."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from deshi.execute.store import folder_size

if TYPE_CHECKING:
    from deshi.execute.workspace import Workspace


def collect(space: Workspace, *, dry_run: bool = False) -> list[tuple[str, int]]:
    """Remove what no saved run names, and what killed runs left aside; return names and bytes.

    An artefact that another run is just making is locked and waited for, never cut in half.
    """
    used = space.used()
    removed: list[tuple[str, int]] = []
    for address in list(space.store.addresses()):
        if address in used:
            continue
        folder = space.store.folder(address)
        size = folder_size(folder) if dry_run else space.store.remove(address)
        removed.append((address, size))
    for name in ("aside", "scratch"):
        for folder in sorted(space.root.glob(f"{name}/*")):
            if space.store.is_abandoned(folder):
                removed.append((f"{name}/{folder.name}", folder_size(folder)))
                if not dry_run:
                    shutil.rmtree(folder, ignore_errors=True)
    return removed
