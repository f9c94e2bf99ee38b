"""Who rewrites the texts: one teacher for all, or each its own."""

from __future__ import annotations

import pytest

from project import Project

BENCH = """
[benchmark]
train = 20
valid = 5
test = 10
baselines = ["constant"]

[matrix]
corpus = "numbers"
chain = "toy"
teacher = ["one", "two"]
gold = ["one", "two"]
"""
ENTRIES = """
[teacher.one]
use = "openai"
params = { base-url = "http://127.0.0.1:9/v1", model = "one" }

[teacher.two]
use = "openai"
params = { base-url = "http://127.0.0.1:9/v1", model = "two" }
"""


@pytest.fixture
def two(project: Project) -> Project:
    (project.folder / "registry.toml").write_text(ENTRIES, encoding="utf-8")
    return project


def label_stages(project: Project, rewriter: str) -> list[str]:
    """Return what a plan would label, and from whom."""
    project.write(f"{BENCH}\nrewriter = {rewriter}")
    ran = project.deshi("plan", "bench.toml", "--format", "json")
    assert ran.status == 0, ran.err
    return sorted(line["what"] for line in ran.json if line["stage"] == "label")


def test_a_named_rewriter_rewrites_for_both_teachers_whoever_judges(two: Project) -> None:
    assert label_stages(two, '"two"') == ["label one", "label two"]


def test_each_teacher_rewrites_its_own_where_nobody_is_named(two: Project) -> None:
    assert label_stages(two, '"own"') == ["label one", "label two"]


def test_what_own_and_a_name_say_alike_is_gathered_once(two: Project) -> None:
    assert label_stages(two, '["own", "two"]') == [
        "label own/one",
        "label own/two",
        "label two/one",
    ]
