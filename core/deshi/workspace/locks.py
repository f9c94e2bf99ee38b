"""Who is at work in a workspace: runs may be many at once, but garbage collection is alone."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout


@contextlib.contextmanager
def at_work(root: Path) -> Iterator[None]:
    """Be known to be at work; waits for a garbage collection to end. Ends with the process."""
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
def alone(root: Path) -> Iterator[bool]:
    """Keep runs from starting, and tell whether none is at work; what killed ones left is removed."""
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
