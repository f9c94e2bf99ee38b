"""The artefact store: folders named by a key of all that went into them.

An artefact is written aside, flushed to disk and renamed into its place, so it is whole or absent. A
lock file per key lets two runs share a workspace: whoever comes second waits, then reads.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from filelock import FileLock

from deshi.api import Json, UsageError
from deshi.redaction import Mask
from deshi.workspace.manifest import DECODER, MANIFEST, Manifest, content_of


class Store:
    """The artefacts of one workspace, addressed as `stage/key`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, address: str) -> Path:
        """Return where an artefact lies, or would lie."""
        stage, key = address.split("/")
        return self.root / "artefacts" / stage / key[:2] / key

    def manifest(self, address: str) -> Manifest | None:
        """Return an artefact's manifest, or None if there is no such artefact."""
        folder = self.folder(address)
        try:
            manifest: Manifest = DECODER.decode((folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            what = f"is not a manifest of an artefact: {error}"
            fix = f"remove the folder {folder}: the next run writes it again"
            raise UsageError(what, where=str(folder / MANIFEST), fix=fix) from error
        return manifest

    def has(self, address: str) -> bool:
        """Say whether an artefact is there; a plan asks that tens of thousands of times."""
        stage, key = address.split("/")
        return os.path.isfile(f"{self.root}/artefacts/{stage}/{key[:2]}/{key}/{MANIFEST}")  # noqa: PTH113

    def make(self, address: str, write: Callable[[Path, Path], Manifest]) -> tuple[Manifest, bool]:
        """Return an artefact's manifest, and whether it was made by this call.

        `write(folder, scratch)` fills an empty folder and returns the manifest; it is not called if
        the artefact exists by the time the lock is had. `scratch` survives a kill.
        """
        with self.lock(address):
            there = self.manifest(address)
            if there is not None:
                return there, False
            target = self.folder(address)
            name = address.replace("/", "-")
            aside = self.root / "aside" / name
            scratch = self.root / "scratch" / name
            shutil.rmtree(aside, ignore_errors=True)  # what a killed run left; the lock is ours
            aside.mkdir(parents=True)
            scratch.mkdir(parents=True, exist_ok=True)
            try:
                manifest = msgspec.structs.replace(write(aside, scratch), content=content_of(aside))
                write_json(aside / MANIFEST, manifest.to_json())
                for path in (*aside.rglob("*"), aside):
                    _flush(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.rmtree(target, ignore_errors=True)  # what a killed `remove` left
                aside.rename(target)
                _flush(target.parent)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(scratch, ignore_errors=True)
            return manifest, True

    @contextlib.contextmanager
    def lock(self, address: str) -> Iterator[None]:
        """Hold the lock of one artefact; the operating system frees it when the process dies."""
        path = self.root / "locks" / address.replace("/", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path):
            yield


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


def write_json(path: Path, value: Json) -> None:
    """Write JSON with sorted keys and a final newline, and without what looks like a secret."""
    text = json.dumps(Mask().value(value), ensure_ascii=False, sort_keys=True, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def replace_json(path: Path, value: Json) -> None:
    """Write JSON so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    write_json(aside, value)
    _flush(aside)
    aside.replace(path)


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot flush a folder
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
