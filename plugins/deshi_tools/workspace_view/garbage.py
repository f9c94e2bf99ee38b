"""Garbage collection: remove artefacts that no run names. The ledger is never touched."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from deshi.api import UsageError
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

    With `keep`, only the latest `keep` runs count; the others are forgotten first. A run whose plan
    cannot be read may need any artefact: none is removed then, and a line on stderr says so.

    Raises:
        UsageError: a run is at work in this workspace.
    """
    with without_runs(space.root, "gc"):
        forgotten = space.runs()[keep:] if keep is not None else []
        used = _used(space.root, without=forgotten)
        removed: list[tuple[str, int]] = []
        for address in [a for a in addresses(space.store) if used is not None and a not in used]:
            folder = space.store.folder(address)
            size = folder_size(folder) if dry_run else remove(space.store, address)
            removed.append((address, size))
        for name in ("aside", "scratch", "damaged"):
            for folder in sorted(p for p in space.root.glob(f"{name}/*") if p.is_dir()):
                swept = _sweep(space.root, folder, dry_run=dry_run)
                if swept is not None:
                    removed.append((f"{name}/{folder.name}", swept))
        if not dry_run:
            _forget_notes(space)
        for run in forgotten if not dry_run else []:
            shutil.rmtree(space.root / "runs" / run, ignore_errors=True)
    return removed


def addresses(store: Store) -> Iterator[str]:
    """Yield the address of every artefact, whole or not."""
    for folder in sorted(store.root.glob("artefacts/*/*/*/")):
        yield f"{folder.parents[1].name}/{folder.name}"


def _forget_notes(space: Workspace) -> None:
    """Remove the notes about damaged artefacts that are gone."""
    for address in space.store.noted():
        if not space.store.folder(address).exists():
            space.store.note(address).unlink(missing_ok=True)


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


def _used(root: Path, *, without: Sequence[str]) -> set[str] | None:
    """Return the addresses of all artefacts that a run names, some runs left out; None: unknown."""
    used: set[str] | None = set()
    for run in sorted({path.parent for path in root.glob("runs/*/*.json")}):
        if run.name in without:
            continue
        try:
            used = None if used is None else used | set(read_plan(run / "plan.json").stages)
        except UsageError as error:
            used = None
            sys.stderr.write(f"deshi: {error}\n")
            sys.stderr.write(f"deshi: no artefact is removed: run {run.name} may need it\n")
    return used
