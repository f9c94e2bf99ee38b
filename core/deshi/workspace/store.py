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
from deshi.workspace.manifest import DECODER, MANIFEST, Manifest, content_hash, file_hashes
from deshi.workspace.sealed_json import is_intact, is_of_before, seal


class Store:
    """The artefacts of one workspace, addressed as `stage/key`.

    What was read is remembered: an artefact is verified once, and a plan asks tens of thousands of times
    whether one is there. What is `hidden` seems absent.
    """

    def __init__(self, root: Path, hidden: frozenset[str] = frozenset()) -> None:
        self.root = root
        self.hidden = hidden
        self._manifests: dict[str, Manifest] = {}
        self._damage: dict[str, str] = {}

    def folder(self, address: str) -> Path:
        """Return where an artefact lies, or would lie."""
        stage, key = address.split("/")
        return self.root / "artefacts" / stage / key[:2] / key

    def manifest(self, address: str) -> Manifest | None:
        """Return an artefact's manifest, or None if there is no such artefact, or none to believe."""
        if address in self.hidden:
            return None
        if address not in self._manifests:
            stage, key = address.split("/")
            path = f"{self.root}/artefacts/{stage}/{key[:2]}/{key}/{MANIFEST}"
            try:
                with open(path, "rb") as file:  # noqa: PTH123
                    content = file.read()
                manifest: Manifest = DECODER.decode(content)
            except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return None
            if not is_intact(content) or manifest.address != address:
                return None
            self._manifests[address] = manifest
        return self._manifests[address]

    def has(self, address: str) -> bool:
        """Say whether an artefact is there, and not known to be damaged."""
        return self.manifest(address) is not None and not self._damage.get(address)

    def remains(self, address: str) -> bool:
        """Say whether an artefact lost its manifest, or what that says of it."""
        return self.manifest(address) is None and self.folder(address).exists()

    def damage(self, address: str) -> str:
        """Return the first damaged file of an artefact, and note it for the next run; else nothing.

        The content is read and compared with the manifest, once.
        """
        if address not in self._damage:
            found = self._compare(address)
            if found:
                self.request(address, found)
            elif self.manifest(address) is not None:
                with contextlib.suppress(OSError):
                    self.note(address).unlink(missing_ok=True)
            self._damage[address] = found
        return self._damage[address]

    def request(self, address: str, file: str = MANIFEST) -> None:
        """Note for the next run that an artefact is missed, or a file of it damaged, if that can be."""
        with contextlib.suppress(OSError):
            self.note(address).parent.mkdir(exist_ok=True)
            self.note(address).write_text(file, encoding="utf-8")

    def _compare(self, address: str) -> str:
        """Return the first file of an artefact that is not as its manifest says."""
        folder = self.folder(address)
        manifest = self.manifest(address)
        if manifest is None:
            with contextlib.suppress(OSError):
                return "" if is_of_before((folder / MANIFEST).read_bytes()) else MANIFEST
            return MANIFEST if (folder / MANIFEST).exists() else ""
        try:
            found = file_hashes(folder)
        except OSError as error:
            return Path(str(error.filename or MANIFEST)).name
        wanted = manifest.files
        names = sorted({*found, *wanted})
        return next((name for name in names if found.get(name) != wanted.get(name)), "")

    def whole(self, address: str) -> Path:
        """Return the folder of an artefact that is there and undamaged.

        Raises:
            UsageError: a file of it is damaged.
        """
        folder = self.folder(address)
        if file := self.damage(address):
            fix = "run the benchmark again, which makes it again: answers of teachers cost nothing"
            raise UsageError("is damaged", where=str(folder / file), fix=fix)
        return folder

    def noted(self) -> set[str]:
        """Return the artefacts that were found damaged, or missed, and not made again since."""
        with contextlib.suppress(OSError):
            return {
                name.removesuffix(".txt").replace("-", "/", 1)
                for name in os.listdir(self.root / "damaged")  # noqa: PTH208
                if name.endswith(".txt")
            }
        return set()

    def forget(self, address: str) -> None:
        """Forget what was read of an artefact: it may have been made since."""
        self._manifests.pop(address, None)
        self._damage.pop(address, None)

    def note(self, address: str) -> Path:
        """Return the file that notes that an artefact is damaged."""
        return self.root / "damaged" / f"{address.replace('/', '-')}.txt"

    def make(self, address: str, write: Callable[[Path, Path], Manifest]) -> tuple[Manifest, bool]:
        """Return an artefact's manifest, and whether it was made by this call.

        `write(folder, scratch)` fills an empty folder and returns the manifest; it is not called if
        the artefact exists by the time the lock is had. `scratch` survives a kill.
        """
        with self.lock(address):
            self.forget(address)
            there = self.manifest(address)
            if there is not None and not self.damage(address):
                return there, False
            target = self.folder(address)
            name = address.replace("/", "-")
            aside = self.root / "aside" / name
            scratch = self.root / "scratch" / name
            shutil.rmtree(aside, ignore_errors=True)  # what a killed run left; the lock is ours
            aside.mkdir(parents=True)
            scratch.mkdir(parents=True, exist_ok=True)
            try:
                manifest = write(aside, scratch)
                files = file_hashes(aside)
                content = content_hash(files)
                manifest = msgspec.structs.replace(manifest, files=files, content=content)
                (aside / MANIFEST).write_bytes(seal(manifest.to_json()))
                for path in (*aside.rglob("*"), aside):
                    _flush(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                self._put_aside(address)
                aside.rename(target)
                self.note(address).unlink(missing_ok=True)
                _flush(target.parent)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(scratch, ignore_errors=True)
            return manifest, True

    def _put_aside(self, address: str) -> None:
        """Keep what is damaged until the next `gc`; what a killed `remove` left goes."""
        target = self.folder(address)
        if self.damage(address):
            kept = self.note(address).with_suffix("")
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(exist_ok=True)
            target.rename(kept)
        if target.is_symlink() or target.is_file():
            target.unlink()
        shutil.rmtree(target, ignore_errors=True)
        self.forget(address)

    def discard(self, address: str) -> None:
        """Make an artefact absent, so that it is made again."""
        with self.lock(address):
            (self.folder(address) / MANIFEST).unlink(missing_ok=True)
            self.forget(address)

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
    """Write sealed JSON so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    aside.write_bytes(seal(value))
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
