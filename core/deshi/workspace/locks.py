"""Workspace locks: shared for runs, exclusive for garbage collection."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout


@contextlib.contextmanager
def run_lock(root: Path) -> Iterator[None]:
    """Hold a shared lock on the workspace; wait for a garbage collection to end first."""
    folder = root / "locks" / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    mine = FileLock(folder / uuid.uuid4().hex)
    with FileLock(root / "locks" / "gc"):
        mine.acquire()
    try:
        yield
    finally:
        mine.release()
        Path(mine.lock_file).unlink(missing_ok=True)


@contextlib.contextmanager
def gc_lock(root: Path) -> Iterator[bool]:
    """Keep runs from starting, and yield whether none is in progress; stale locks are removed."""
    folder = root / "locks" / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(root / "locks" / "gc"):
        yield not [path for path in folder.iterdir() if _is_held(path)]


def _is_held(path: Path) -> bool:
    try:
        with FileLock(path).acquire(blocking=False):
            path.unlink(missing_ok=True)
            return False
    except Timeout:
        return True
