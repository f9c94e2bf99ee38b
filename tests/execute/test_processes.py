"""One process or several, alone or beside another run: the same results."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from project import Project, steady


@pytest.mark.slow
def test_a_pool_of_processes_gives_what_one_process_gives(tmp_path: Path) -> None:
    found = []
    for workers in ("1", "3"):
        (tmp_path / workers).mkdir()
        project = Project(tmp_path / workers)
        project.write()
        found.append(project.results("--workers", workers))
    assert found[0] == found[1]


@pytest.mark.slow
def test_two_runs_of_one_file_at_once_are_both_right(project: Project) -> None:
    alone = project.results("--workspace", str(project.folder / "alone"))
    work_alone = project.work_done()
    project.forget()
    slowly = project.variables({"DESHI_TOY_PAUSE": "0.002"})
    words = ("run", "bench.toml", "--format", "json", "--quiet")
    both = [
        subprocess.Popen(
            project.command(*words),
            cwd=project.folder,
            env=slowly,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    import json

    outs = [process.communicate(timeout=200)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert [steady(json.loads(out)) for out in outs] == [alone, alone]
    assert sorted(project.work_done()) == sorted(work_alone), "a piece of work was done twice"


def test_a_failed_cell_is_shown_and_the_others_finish(project: Project) -> None:
    ran = project.deshi(
        "run",
        "bench.toml",
        "--quiet",
        "--format",
        "json",
        "--set",
        'matrix.student=["memory", "clumsy"]',
    )
    assert ran.status == 1
    rows = {row["id"]: row for row in ran.json["rows"]}
    assert rows["counter/clumsy"]["status"] == "failed"
    assert "RuntimeError: the optimiser stumbled" in rows["counter/clumsy"]["reason"]
    assert "(1 of 2 runs)" in rows["counter/clumsy"]["reason"]
    assert rows["counter/clumsy"]["metrics"] == {}
    assert rows["counter/memory/nothing"]["status"] == "ok"


@pytest.mark.slow
def test_a_failed_cell_shows_in_every_format(project: Project) -> None:
    words = ("run", "bench.toml", "--quiet", "--set", 'matrix.student=["memory", "clumsy"]')
    for form in ("table", "csv", "markdown", "latex"):
        ran = project.deshi(*words, "--format", form)
        assert ran.status == 1
        assert "stumbled" in ran.out


@pytest.mark.slow
def test_a_worker_that_dies_fails_its_cell_and_no_other(project: Project) -> None:
    words = ("--set", 'matrix.student=["memory", "toy/deadly"]', "--workers", "2")
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json", *words)
    assert ran.status == 1, ran.err
    rows = {row["id"]: row for row in ran.json["rows"]}
    assert "its process died" in rows["counter/toy/deadly"]["reason"]
    assert rows["counter/memory/nothing"]["status"] == "ok"


def test_the_traceback_of_a_failed_cell_is_kept(project: Project) -> None:
    words = ("--set", 'matrix.student=["clumsy"]')
    project.deshi("run", "bench.toml", "--quiet", *words)
    (log,) = project.workspace.glob("runs/*/failures.log")
    assert "the optimiser stumbled" in log.read_text(encoding="utf-8")
    assert "in fit" in log.read_text(encoding="utf-8")


def test_results_written_are_the_results_shown(project: Project) -> None:
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json")
    shown = project.deshi("show", "--format", "json")
    assert shown.json == ran.json
    by_prefix = project.deshi("show", ran.json["run"][:8], "--format", "json")
    assert by_prefix.json == ran.json
