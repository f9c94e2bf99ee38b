"""`kill -9` at any moment, then one more run: as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from project import Project
from torture import Soak

pytestmark = pytest.mark.slow

KILLS = 5
WORDS = ("run", "bench.toml", "--quiet", "--format", "json")


def kill_at(project: Project, seconds: float, *words: str) -> bool:
    """Start a run, kill its whole process group after a while, and say whether it was hit at work."""
    process = subprocess.Popen(
        project.command(*WORDS, *words),
        cwd=project.folder,
        env=project.variables({"DESHI_TOY_PAUSE": "0.003"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        import os

        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def half_written(workspace: Path) -> list[Path]:
    """Return artefact folders without a manifest."""
    folders = [p for p in workspace.glob("artefacts/*/*/*") if p.is_dir()]
    return [folder for folder in folders if not (folder / "manifest.json").is_file()]


def check_after_kills(tmp_path: Path, soak: Soak, *words: str) -> None:
    chance = soak.chance
    (tmp_path / "calm").mkdir()
    calm = Project(tmp_path / "calm")
    calm.write()
    expected = calm.results()
    (tmp_path / "stormy").mkdir()
    stormy = Project(tmp_path / "stormy")
    stormy.write()
    hits = 0
    for _ in range(KILLS):
        hits += kill_at(stormy, chance.uniform(0.4, 3.0), *words)
        assert half_written(stormy.workspace) == []
    assert hits > 0, "no kill hit a run at work"
    assert stormy.results(*words) == expected
    assert half_written(stormy.workspace) == []
    fits = [line for line in stormy.work_done() if line.startswith("fit")]
    done = [line for line in calm.work_done() if line.startswith("fit")]
    assert len(fits) <= len(done) + hits * 3, "finished fits were done again"
    stormy.forget()
    assert stormy.results(*words) == expected
    assert stormy.work_done() == []


@pytest.mark.torture
@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "in-a-pool"])
def test_kills_leave_no_trace(tmp_path: Path, soak: Soak, words: tuple[str, ...]) -> None:
    check_after_kills(tmp_path, soak, *words)


def test_no_answer_is_asked_for_twice_after_a_kill(project: Project) -> None:
    started = time.monotonic()
    project.environment["DESHI_TOY_PAUSE"] = "0.003"
    assert kill_at(project, 1.5)
    assert time.monotonic() - started < 60
    before = [line for line in project.work_done() if line.startswith(("label", "rewrite"))]
    project.results()
    after = [line for line in project.work_done() if line.startswith(("label", "rewrite"))]
    repeated = len(after) - len(set(after))
    assert repeated <= 16, "more than what was in flight was asked again"
    assert len(after) >= len(before)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_end_with_the_process_that_made_them(project: Project) -> None:
    process = subprocess.Popen(
        project.command(*WORDS, "--workers", "2"),
        cwd=project.folder,
        env=project.variables({"DESHI_TOY_PAUSE": "0.02"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(members(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.kill()
    process.wait()
    while members(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert members(process.pid) == []


def members(group: int) -> list[str]:
    """Return the living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(stat.parent.name)
    return found
