"""The artefact store: an artefact is made once, is whole or absent, and is on disk before it has its name."""

from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deshi.benchmark.stage_params import CompareParams
from deshi.workspace.manifest import CompareFigures, CompareManifest
from deshi.workspace.store import Store
from deshi_tools.workspace_view.garbage import remove

ADDRESS = f"compare/{'0' * 32}"


class Writer:
    """Writes an artefact of two files, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0
        self.found: list[str] = []
        self.meanwhile: Any = lambda: None

    def __call__(self, folder: Path, scratch: Path) -> CompareManifest:
        self.calls += 1
        self.found = sorted(path.name for path in scratch.iterdir())
        (scratch / f"step {self.calls}").touch()
        (folder / "within").mkdir()
        (folder / "within" / "values").write_text("1", encoding="utf-8")
        self.meanwhile()
        return CompareManifest(
            address=ADDRESS,
            title="compare",
            inputs={},
            seconds=0.0,
            machine={},
            params=CompareParams(groups=(), metrics=(), made=(), resamples=100),
            figures=CompareFigures(rows=0),
        )


def broken() -> None:
    message = "the stage broke"
    raise OSError(message)


def test_who_waited_for_an_artefact_reads_it_and_makes_none(tmp_path: Path) -> None:
    write, waiting = Writer(), threading.Event()
    write.meanwhile = lambda: waiting.wait(0.2)
    with ThreadPoolExecutor(4) as pool:
        makers = [pool.submit(Store(tmp_path).make, ADDRESS, write) for _ in range(4)]
        made = [one.result() for one in makers]
    assert write.calls == 1
    assert sorted(by_me for _, by_me in made) == [False, False, False, True]
    assert len({manifest.content for manifest, _ in made}) == 1


def test_scratch_outlives_a_stage_that_failed_and_goes_with_one_that_was_made(
    tmp_path: Path,
) -> None:
    write, store = Writer(), Store(tmp_path)
    write.meanwhile = broken
    with pytest.raises(OSError, match="the stage broke"):
        store.make(ADDRESS, write)
    assert not store.has(ADDRESS)
    write.meanwhile = lambda: None
    store.make(ADDRESS, write)
    assert write.found == ["step 1"]
    assert store.has(ADDRESS)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert list((tmp_path / "aside").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at open files in /proc")
def test_all_of_an_artefact_is_flushed_before_it_has_its_name_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr("os.fsync", noted)
    store = Store(tmp_path)
    store.make(ADDRESS, Writer())
    aside = tmp_path / "aside" / ADDRESS.replace("/", "-")
    parts = ("", "manifest.json", "within", "within/values")
    assert {str(aside / part) for part in parts} == set(flushed[:-1])
    assert flushed[-1] == str(store.folder(ADDRESS).parent)


def test_what_a_removal_left_that_was_killed_midway_is_no_artefact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    store, write = Store(tmp_path), Writer()
    store.make(ADDRESS, write)
    with monkeypatch.context() as midway:
        midway.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove(store, ADDRESS)
    assert (store.folder(ADDRESS) / "within" / "values").exists()
    assert not store.has(ADDRESS)
    assert store.manifest(ADDRESS) is None
    assert store.make(ADDRESS, write)[1]
    assert store.has(ADDRESS)
