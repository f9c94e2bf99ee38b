"""What the page on a change of teacher shows is what the benchmarks give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from project import Project

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
ITSELF = (ROOT / "benchmarks" / "teacher-itself.toml").read_text(encoding="utf-8")
STRAYED = 'to = "lexicon(seed=3,stray-share=0.2)"'

pytestmark = pytest.mark.slow


def answer(project: Project, text: str) -> dict:
    project.write(text)
    project.results()
    done = project.deshi("migrate", "--format", "json")
    assert done.status == 0, done.err
    return done.json


@pytest.fixture
def offline(project: Project) -> Project:
    project.environment["PYTHONPATH"] = ""
    return project


def test_a_teacher_against_itself_may_take_its_own_place(offline: Project) -> None:
    found = answer(offline, ITSELF)
    assert found["decision"]["verdict"] == "yes"
    shift = found["agreement"][0]["shift"]
    assert shift["low"] < 0 < shift["high"]
    assert all(one["p"] > 0.05 for one in found["shifts"])
    assert said(shift) in PAGE


def test_a_fifth_of_strayed_answers_is_caught_and_measured(offline: Project) -> None:
    found = answer(offline, re.sub(r'to = "lexicon\(seed=2\)"', STRAYED, ITSELF))
    assert found["decision"]["verdict"] == "no"
    shift = found["agreement"][0]["shift"]
    assert 0 < shift["low"] < 0.2 < shift["high"]
    assert said(shift) in PAGE


def test_too_few_texts_cannot_tell_and_the_size_that_would_is_named(offline: Project) -> None:
    found = answer(offline, ITSELF.replace("test = 400", "test = 60"))
    assert found["decision"]["verdict"] == "undecided"
    open_ones = [c for c in found["decision"]["criteria"] if c["verdict"] == "undecided"]
    assert all(c["needed"] > 60 for c in open_ones)


def said(shift: dict) -> str:
    return f"{shift['value']:.3f} [{shift['low']:.3f}, {shift['high']:.3f}]"
