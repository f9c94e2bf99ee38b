"""Garbage collection: remove artefacts that no run names. The ledger is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import UsageError
from deshi.workspace.locks import gc_lock
from deshi.workspace.store import folder_size

if TYPE_CHECKING:
    from deshi.workspace.workspace import Workspace


def collect(
    space: Workspace, *, keep: int | None = None, dry_run: bool = False
) -> list[tuple[str, int]]:
    """Remove what no saved run names, and what killed runs left aside; return names and bytes.

    With `keep`, only the latest `keep` runs count; the others are forgotten first.

    Raises:
        UsageError: a run is at work in this workspace.
    """
    with gc_lock(space.root) as is_free:
        if not is_free:
            raise UsageError(
                "a run is in progress here", where=str(space.root), fix="run gc when it is done"
            )
        forgotten = space.runs()[keep:] if keep is not None else []
        used = space.used(without=forgotten)
        removed: list[tuple[str, int]] = []
        for address in [a for a in space.store.addresses() if a not in used]:
            folder = space.store.folder(address)
            removed.append(
                (address, folder_size(folder) if dry_run else space.store.remove(address))
            )
        for name in ("aside", "scratch"):
            for folder in sorted(space.root.glob(f"{name}/*")):
                size = space.store.sweep(folder, dry_run=dry_run)
                if size is not None:
                    removed.append((f"{name}/{folder.name}", size))
        for run in forgotten if not dry_run else []:
            space.forget(run)
    return removed
