"""`--fresh ROW` trains, predicts and scores a row again, and asks no teacher for it."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from project import Project

ROW = "counter/memory/nothing"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("fresh"))
    project.write()
    project.results()
    return project


@pytest.mark.parametrize("name", [ROW, "counter/memory/nothing", "y/nothing"])
def test_a_fresh_row_is_made_again_and_nothing_else(finished: Project, name: str) -> None:
    if name == "y/nothing":
        ran = finished.deshi("run", "bench.toml", "--fresh", name, "--quiet")
        assert ran.status == 2
        assert "could be" in ran.err
        return
    before = finished.results()
    finished.forget()
    planned = finished.deshi("plan", "bench.toml", "--fresh", name, "--format", "json").json
    to_run = Counter(one["stage"] for one in planned if one["state"] == "to run")
    assert to_run == {"fit": 2, "predict": 2, "score": 2, "compare": 1}
    ran = finished.deshi("run", "bench.toml", "--fresh", name, "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    assert ran.err == f"deshi: --fresh {name}: 6 stages are made again\n"
    work = finished.work_done()
    assert [line for line in work if line.startswith(("label", "rewrite", "polite"))] == []
    assert len([line for line in work if line.startswith("fit")]) == 2
    assert [row["metrics"] for row in ran.json["rows"]] == [r["metrics"] for r in before["rows"]]


def test_what_cannot_be_made_again_is_not_discarded(finished: Project) -> None:
    count = len(list(finished.workspace.glob("artefacts/*/*/*/manifest.json")))
    path = next(finished.workspace.glob("artefacts/fit/*/*/manifest.json"))
    assert json.loads(path.read_text())["made_by"]["deshi"]
    ran = finished.deshi("run", "bench.toml", "--fresh", "nobody", "--quiet")
    assert ran.status == 2
    assert "no row 'nobody'" in ran.err
    off = {"DESHI_PLUGINS": ""}
    assert finished.deshi("run", "bench.toml", "--fresh", ROW, "--quiet", env=off).status != 0
    assert len(list(finished.workspace.glob("artefacts/*/*/*/manifest.json"))) == count


def test_what_a_project_changes_of_another_s_entry_is_said(finished: Project) -> None:
    toml = '[teacher.counter.params]\nshift = 2\n[chain.toy]\nsource = []\n[student.own]\nuse = "toy/memory"\n'
    (finished.folder / "registry.toml").write_text(toml)
    ran = finished.deshi(
        "run", "bench.toml", "--quiet", "--set", "teacher.counter-two.params.shift=3"
    )
    (finished.folder / "registry.toml").unlink()
    said = " ".join(ran.out.split())
    for line in (
        "registry.toml changes teacher.counter: shift 0 -> 2",
        "--set changes teacher.counter-two: shift 1 -> 3",
        "registry.toml changes chain.toy: source [odd] -> []",
    ):
        assert line in said
    assert "student.own" not in said
    assert "changes" not in finished.deshi("run", "bench.toml", "--quiet").out
