"""`deshi export`: a form made for fast answers, held against the original, from any student that has one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from project import Project

ROW = "latest/counter/memory/less"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("export"))
    made.write()
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


def manifest(project: Project, folder: str) -> Any:
    return json.loads((project.folder / folder / "deshi.json").read_text(encoding="utf-8"))


def test_an_export_answers_as_the_original_and_says_how_nearly(project: Project) -> None:
    ran = project.deshi("export", ROW, "--to", "fast")
    assert ran.status == 0, ran.err
    assert "100.0% have the same first emoji" in ran.out
    found = manifest(project, "fast")
    assert found["form"] == "whole"
    assert (found["check"]["texts"], found["check"]["first-unchanged"]) == (40, 1.0)
    project.forget()
    answer = project.deshi("predict", "fast", "これは3", "--format", "json")
    assert answer.status == 0, answer.err
    assert "load whole" in project.work_done()
    assert answer.json == project.deshi("predict", ROW, "これは3", "--format", "json").json


def test_an_export_that_answers_otherwise_is_refused_unless_allowed(project: Project) -> None:
    ran = project.deshi("export", ROW, "--to", "other", "--as", "forgetful")
    assert ran.status == 1
    assert "of 40 first emoji equal the original's; allow it with --allow 0." in ran.err
    assert not (project.folder / "other").exists()
    ran = project.deshi("export", ROW, "--to", "other", "--as", "forgetful", "--allow", "0")
    assert ran.status == 0, ran.err
    assert manifest(project, "other")["check"]["first-unchanged"] < 0.98


def test_what_has_no_such_form_is_refused_with_what_to_do(project: Project) -> None:
    ran = project.deshi("export", ROW, "--to", "none", "--as", "hole")
    assert ran.status == 2
    assert "no form 'hole'; did you mean 'whole'?" in ran.err
    ran = project.deshi("export", "latest/counter/constant", "--to", "none2")
    assert ran.status == 2
    assert "student 'constant' (" in ran.err
    assert " kB) has no other form; publish it as it is: `deshi publish bench-" in ran.err
    assert "/counter/constant --to FOLDER`. Only 'bert', 't5' and 'toy/memory' can" in ran.err
    assert "capability" not in ran.err
    assert not (project.folder / "none2").exists()


def test_a_folder_with_something_in_it_is_left_alone(project: Project) -> None:
    (project.folder / "full").mkdir()
    (project.folder / "full/thesis.txt").write_text("years of work", encoding="utf-8")
    ran = project.deshi("export", ROW, "--to", "full")
    assert ran.status == 2
    assert "is not empty" in ran.err
    assert [path.name for path in (project.folder / "full").iterdir()] == ["thesis.txt"]
