"""Garbage collection: remove artefacts that no run names. The ledger is never touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from deshi.workspace.manifest import MANIFEST
from deshi.workspace.removal import remove, without_runs
from deshi.workspace.store import folder_size
from deshi.workspace.workspace import read_plan

if TYPE_CHECKING:
    from deshi.workspace.store import Store
    from deshi.workspace.workspace import Workspace


def collect(
    space: Workspace, *, keep: int | None = None, dry_run: bool = False
) -> list[tuple[str, int]]:
    """Remove what no saved run names, and what killed runs left aside; return names and bytes.

    With `keep`, only the latest `keep` runs count; the others are forgotten first.

    Raises:
        UsageError: a run is at work in this workspace.
    """
    with without_runs(space.root, "gc"):
        forgotten = space.runs()[keep:] if keep is not None else []
        used = _used(space.root, without=forgotten)
        removed: list[tuple[str, int]] = []
        for address in [a for a in addresses(space.store) if a not in used]:
            folder = space.store.folder(address)
            size = folder_size(folder) if dry_run else remove(space.store, address)
            removed.append((address, size))
        for name in ("aside", "scratch"):
            for folder in sorted(space.root.glob(f"{name}/*")):
                swept = _sweep(space.root, folder, dry_run=dry_run)
                if swept is not None:
                    removed.append((f"{name}/{folder.name}", swept))
        for run in forgotten if not dry_run else []:
            shutil.rmtree(space.root / "runs" / run, ignore_errors=True)
    return removed


def addresses(store: Store) -> Iterator[str]:
    """Yield the address of every artefact."""
    for manifest in sorted(store.root.glob(f"artefacts/*/*/*/{MANIFEST}")):
        yield f"{manifest.parents[2].name}/{manifest.parent.name}"


def _sweep(root: Path, folder: Path, *, dry_run: bool) -> int | None:
    """Remove a folder aside or of scratch that no process is using; return the bytes, or None.

    The lock is held while it goes, so that nobody starts to use it meanwhile.
    """
    lock = FileLock(root / "locks" / folder.name)
    try:
        with lock.acquire(blocking=False):
            size = folder_size(folder)
            if not dry_run:
                shutil.rmtree(folder, ignore_errors=True)
            return size
    except Timeout:
        return None


def _used(root: Path, *, without: Sequence[str]) -> set[str]:
    """Return the addresses of all artefacts that a run names, some runs left out."""
    runs = {path.parent for path in root.glob("runs/*/*.json")}
    kept = [read_plan(run / "plan.json") for run in runs if run.name not in without]
    return {address for plan in kept for address in plan.stages}
