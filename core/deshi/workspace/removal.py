"""Removing artefacts, while no run that may read them is at work."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from deshi.api import UsageError
from deshi.workspace.manifest import MANIFEST
from deshi.workspace.store import Store, folder_size


def remove(store: Store, address: str) -> int:
    """Remove an artefact and return the bytes that this frees; the manifest goes first."""
    folder = store.folder(address)
    with store.lock(address):
        size = folder_size(folder)
        (folder / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        store.forget(address)
    return size


@contextlib.contextmanager
def without_runs(root: Path, what: str) -> Iterator[None]:
    """Keep runs from starting meanwhile; stale locks are removed.

    Raises:
        UsageError: a run is in progress; `what` says for what it is in the way.
    """
    folder = root / "locks" / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(root / "locks" / "gc"):
        if [path for path in folder.iterdir() if _is_held(path)]:
            what, fix = "a run is in progress here", f"run {what} when it is done"
            raise UsageError(what, where=str(root), fix=fix)
        yield


def _is_held(path: Path) -> bool:
    try:
        with FileLock(path).acquire(blocking=False):
            path.unlink(missing_ok=True)
            return False
    except Timeout:
        return True
