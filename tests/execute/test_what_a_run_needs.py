"""What is missing is seen before anything is asked or paid, and only where it is needed."""

from __future__ import annotations

import pytest

from project import BENCHMARK, Project

ONE = BENCHMARK.replace('["counter", "counter-two"]', '"counter"').replace(
    '["nothing", "less"]', '"bce"'
)
CUDA = ("--set", "student.bert.env.device=cuda:7")


@pytest.fixture
def with_bert(project: Project) -> Project:
    pytest.importorskip("transformers")
    project.write(ONE.replace('"memory", "fleeting"', '"bert", "fleeting"'))
    return project


def test_a_device_that_is_missing_is_seen_before_a_teacher_is_asked(with_bert: Project) -> None:
    ran = with_bert.deshi("run", "bench.toml", "--quiet", *CUDA)
    assert ran.status == 3
    assert "student 'bert': the device 'cuda:7' cannot be used" in ran.err
    assert with_bert.work_done() == []


def test_a_device_that_is_missing_is_a_row_that_is_left_out(with_bert: Project) -> None:
    ran = with_bert.deshi(
        "run", "bench.toml", "--quiet", "--format", "json", *CUDA, "--skip-not-ready"
    )
    assert ran.status == 0, ran.err
    status = {row["id"]: row["status"] for row in ran.json["rows"]}
    assert status["counter/bert/bce"] == "n/a"
    assert status["counter/fleeting"] == "ok"


def test_a_plan_needs_nothing_and_says_what_a_run_would(with_bert: Project) -> None:
    ran = with_bert.deshi("plan", "bench.toml", *CUDA)
    assert ran.status == 0, ran.err
    assert "not ready: student 'bert': the device 'cuda:7'" in " ".join(ran.out.split())


def locked(project: Project, *sets: str) -> tuple[str, ...]:
    """Write a benchmark whose teacher needs a key, and return the command that runs it."""
    project.write(ONE.replace("counter", "locked-counter").replace('"bce"', '"less"'))
    (project.folder / "registry.toml").write_text(
        '[teacher.locked-counter]\nuse = "toy/locked-counter"\n', encoding="utf-8"
    )
    return ("run", "bench.toml", "--quiet", *(word for one in sets for word in ("--set", one)))


def test_what_is_there_needs_no_key(project: Project) -> None:
    command = locked(project)
    refused = project.deshi(*command)
    assert refused.status == 3, refused.out
    assert "DESHI_TOY_KEY" in refused.err
    assert project.work_done() == []
    assert project.deshi(*command, env={"DESHI_TOY_KEY": "k"}).status == 0
    assert project.deshi(*command).status == 0


def test_answers_that_are_all_in_the_ledger_need_no_key(project: Project) -> None:
    # The teacher is asked for every text that is pulled, so that none is left to be asked.
    command = locked(project, "benchmark.pull-limit=60")
    assert project.deshi(*command, env={"DESHI_TOY_KEY": "k"}).status == 0
    again = project.deshi(*command, "--set", 'chain.toy.labelled=["odd"]')  # labelled anew
    assert again.status == 0, again.err
