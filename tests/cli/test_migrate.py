"""`deshi migrate`: what replacing one teacher by another does, and whether the rule allows it."""

from __future__ import annotations

import pytest

from project import Project

BENCH = """
[benchmark]
train = 60
valid = 20
test = 60
seeds = 4
samples = 2
metrics = ["jaccard"]
baselines = ["constant"]
resamples = 200

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "none"
teacher = ["counter", "counter-two"]
student = "memory"
loss = "less"
gold = ["counter", "reference"]

[migration]
from = "counter"
to = "counter-two"

[migration.accept]
most-shift = 0.1
most-failures = 0.01
least-agreement = 2.0
most-loss = 0.0001
gold = "counter"
"""


@pytest.fixture
def ran(project: Project) -> Project:
    project.write(BENCH)
    project.results()
    return project


def test_a_teacher_with_other_answers_is_found_out(ran: Project) -> None:
    done = ran.deshi("migrate", "--format", "json")
    assert done.status == 0, done.err
    found = done.json
    own = found["agreement"][0]
    assert own["metric"] == "jaccard"
    assert own["chance"]["value"] < own["between"]["value"] < 1
    assert own["between"]["low"] < own["between"]["value"] < own["between"]["high"]
    assert found["paired"] == found["texts"] == 60
    assert found["decision"]["verdict"] == "cannot tell"
    assert {cell["taught"] for cell in found["cross"]} == {"counter", "counter-two"}
    assert {one["gold"] for one in found["transfers"]} == {"counter", "reference"}


def test_the_terminal_says_the_answer_first_and_then_why(ran: Project) -> None:
    done = ran.deshi("migrate")
    assert done.status == 0, done.err
    assert done.out.startswith("Cannot tell: may counter-two take the place of counter?")
    assert "memory/less loses at most 0.0001, evaluated against 'counter'" in done.out
    for title in ("Agreement per text", "Students by training labels", "Terms of use"):
        assert title in done.out


def test_the_other_way_round_no_rule_was_written(ran: Project) -> None:
    done = ran.deshi("migrate", "--from", "counter-two", "--to", "counter")
    assert done.status == 0, done.err
    assert done.out.startswith("No rule was set beforehand")


def test_one_part_comes_in_any_format(ran: Project) -> None:
    rows = ran.deshi("migrate", "--part", "transfer", "--format", "csv").out.splitlines()
    assert rows[0].startswith("student,gold,")
    assert len(rows) == 3
    refused = ran.deshi("migrate", "--format", "csv")
    assert (refused.status, "--part" in refused.err) == (2, True)


@pytest.mark.slow
def test_of_several_sizes_and_golds_one_is_told_and_another_can_be_chosen(project: Project) -> None:
    """Rows of one size are not mixed with those of another, though a gold may judge both."""
    sized = BENCH.replace("train = 60\n", "").replace("[matrix]\n", "[matrix]\ntrain = [60, 100]\n")
    sized = sized.replace('gold = ["counter", "reference"]', 'gold = "reference"')
    project.write(sized.replace('gold = "counter"\n', ""))
    project.results()
    done = project.deshi("migrate", "--format", "json")
    assert done.status == 0, done.err
    first = done.json
    assert first["context"]["train"] == "n60"
    assert [one["train"] for one in first["others"]] == ["n100"]
    assert len(first["transfers"]) == 1
    assert all("n60" in cell["row"] for cell in first["cross"])
    assert len(first["cross"]) == 2
    second = project.deshi("migrate", "--only", "train=100", "--format", "json").json
    assert all("n100" in cell["row"] for cell in second["cross"])
    assert second["others"] == []
    told = " ".join(project.deshi("migrate").out.split())
    assert "All of this is for corpus = numbers, chain = toy, rewriter = none, train = n60" in told
    for wrong, said in (("size=60", "is not AXIS=LABEL"), ("train=61", "both labelled where")):
        refused = project.deshi("migrate", "--only", wrong)
        assert (refused.status, said in " ".join(refused.err.split())) == (2, True), refused.err


def test_a_teacher_that_the_run_has_not_is_told_with_those_that_it_has(ran: Project) -> None:
    done = ran.deshi("migrate", "--to", "haiku")
    assert done.status == 2
    assert "counter-two" in done.err


def test_a_teacher_does_not_take_its_own_place(ran: Project) -> None:
    done = ran.deshi("migrate", "--from", "counter", "--to", "counter")
    assert done.status == 2
    assert "'counter' cannot take its own place" in done.err


def test_without_a_plan_both_teachers_must_be_named(project: Project) -> None:
    project.write(BENCH.split("[migration]", maxsplit=1)[0])
    project.results()
    done = project.deshi("migrate", "--from", "counter")
    assert done.status == 2
    assert "--to" in done.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("most-shift", "most-shit"), "did you mean 'most-shift'?"),
        (("most-shift = 0.1", "most-shift = -1"), "most-shift"),
        (('from = "counter"\n', ""), "'from' does not name a teacher"),
        (('to = "', 'tos = "'), "unknown key 'tos'"),
        (('to = "counter-two"', 'to = "counter-tow"'), "did you mean 'counter-two'?"),
        (('to = "counter-two"', 'to = "counter"'), "from and to are both 'counter'"),
        (('\ngold = "counter"\n', '\ngold = "counter-two"\n'), "which is not on the axis gold"),
    ],
)
def test_a_wrong_rule_is_told_before_anything_runs(project: Project, change, said) -> None:
    project.write(BENCH.replace(*change))
    done = project.deshi("run", "bench.toml")
    assert done.status == 2
    assert said in done.err
    assert "[migration" in done.err
    assert project.work_done() == []
