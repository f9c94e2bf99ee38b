"""What a stage's result depends on is in its key, and what it does not depend on is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from deshi.benchmark.plan import STAGE_REVISION
from deshi.engine.run import Options, prepare

BENCHMARK = """
[benchmark]
train = 30
pull-limit = 60
valid = 5
test = 5
seeds = 1
baselines = []
collapse = []
metrics = ["jaccard"]

[matrix]
corpus = "sample"
chain = "seed"
rewriter = "own"
teacher = "claude-haiku-4-5"
student = "linear"
loss = "bce"

[permit]
claude-haiku-4-5 = "a test, which asks nobody"
claude-haiku-4-5-seed-v1 = "likewise"
"""
ORDER = ("split", "label", "fit", "predict", "score")
ALL, AFTER_LABELS = set(ORDER), set(ORDER[1:])


def keys(folder: Path, *sets: str) -> dict[str, str]:
    """Return the key of each stage by its name; there is one of each."""
    path = folder / "bench.toml"
    path.write_text(BENCHMARK, encoding="utf-8")
    plan = prepare(path, Options(sets=sets)).plan
    found = dict(address.split("/") for address in plan.stages)
    assert found.keys() == ALL
    assert len(found) == len(plan.stages)
    return found


def changed(folder: Path, *sets: str, already: tuple[str, ...] = ()) -> set[str]:
    before, after = keys(folder, *already), keys(folder, *already, *sets)
    return {name for name in ALL if before[name] != after[name]}


@pytest.mark.parametrize(
    ("setting", "stages"),
    [
        ("benchmark.test=6", ALL),
        ("benchmark.near-test=0.6", ALL),
        ("benchmark.train=20", AFTER_LABELS),
        ("benchmark.samples=2", AFTER_LABELS),
        ("prompt.seed-v3.label=別の指示", AFTER_LABELS),
        ("prompt.seed-v3.rewrite=別の指示", AFTER_LABELS),
        ("matrix.rewriter=casual", AFTER_LABELS),
        ("teacher.claude-haiku-4-5.params.temperature=0.3", AFTER_LABELS),
        ("student.linear.params.epochs=3", {"fit", "predict", "score"}),
        ("matrix.loss=zlpr", {"fit", "predict", "score"}),
        ("student.linear.params.max-emoji=1", {"predict", "score"}),
        ("matrix.gold=reference", {"predict", "score"}),
        ("benchmark.metrics=['hit-at-1']", {"score"}),
        ("benchmark.resamples=300", set()),
        ("teacher.claude-haiku-4-5.limits.concurrency=3", set()),
        ("student.linear.env.threads=2", set()),
    ],
)
def test_a_setting_makes_those_stages_anew_that_depend_on_it(
    tmp_path: Path, setting: str, stages: set[str]
) -> None:
    assert changed(tmp_path, setting) == stages


def test_the_prompt_of_who_rewrites_for_another_teacher_counts_too(tmp_path: Path) -> None:
    already = ("matrix.rewriter=claude-haiku-4-5-seed-v1",)
    told = "prompt.seed-v1.rewrite=別の指示"
    assert changed(tmp_path, told, already=already) == AFTER_LABELS
    assert changed(tmp_path, told) == set()


def test_another_table_of_emoji_makes_all_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys(tmp_path)
    monkeypatch.setattr("deshi.benchmark.planner.inventory_hash", lambda: "another")
    after = keys(tmp_path)
    assert {name for name in ALL if before[name] != after[name]} == ALL


@pytest.mark.parametrize("stage", ORDER)
def test_a_higher_revision_of_a_stage_makes_it_anew_and_what_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    before = keys(tmp_path)
    monkeypatch.setitem(STAGE_REVISION, stage, 99)
    after = keys(tmp_path)
    later = set(ORDER[ORDER.index(stage) :])
    assert {name for name in ORDER if before[name] != after[name]} == later
