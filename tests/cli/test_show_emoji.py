"""`deshi show --emoji`: how well each row does with each emoji, in every format."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("emoji"))
    made.write()
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


def shown(project: Project, *words: str) -> Any:
    ran = project.deshi("show", "--emoji", *words)
    assert ran.status == 0, ran.err
    return ran


def test_every_row_with_answers_has_a_section(project: Project) -> None:
    found = shown(project, "--format", "json").json
    rows = {one["section"] for one in found}
    assert "counter/memory/less" in rows
    assert "counter/constant" in rows
    assert not any("shuffled" in row for row in rows)  # its answers are another row's
    assert all(one["name"] for one in found)


def test_one_row_can_be_asked_for_by_a_part_of_its_id(project: Project) -> None:
    words = ("--row", "counter/fleeting")
    found = shown(project, *words, "--format", "json").json
    assert {one["section"] for one in found} == {"counter/fleeting"}
    gold = [one["gold"] for one in found]
    assert gold == sorted(gold, reverse=True)
    (answered,) = [one for one in found if one["predicted"]]
    assert answered["recall"] == 1  # it answers the same emoji to every text
    assert answered["precision"] == pytest.approx(answered["gold"] / 40)


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "latex"])
def test_every_format_has_all_emoji(project: Project, form: str) -> None:
    out = shown(project, "--row", "counter/fleeting", "--format", form).out
    assert all(emoji in out for emoji in ("🍎", "🐈", "🚗"))
    if form == "csv":
        assert {"emoji", "gold", "F1"} <= set(next(csv.DictReader(io.StringIO(out))))


def test_an_unknown_row_and_a_row_without_emoji_are_wrong_use(project: Project) -> None:
    ran = project.deshi("show", "--emoji", "--row", "nobody")
    assert ran.status == 2
    assert "no row 'nobody'" in ran.err
    ran = project.deshi("show", "--row", "memory")
    assert ran.status == 2
    assert "--emoji" in ran.err


def test_a_lost_artefact_is_named(project: Project, tmp_path: Path) -> None:
    import shutil

    copy = Project(tmp_path / "copy")
    shutil.copytree(project.folder, copy.folder)
    for folder in copy.workspace.glob("artefacts/predict/*"):
        shutil.rmtree(folder)
    ran = copy.deshi("show", "--emoji")
    assert ran.status == 2
    assert "lacks the artefact predict/" in ran.err
