"""What a plugin brings gets all that the built-in ones have, with no further code."""

from __future__ import annotations

import pytest

from deshi_tools.scaffold import plugin
from project import Project

BENCH = """
[benchmark]
train = 200
valid = 40
test = 60
seeds = 4
resamples = 200
metrics = ["my-metric/my-metric", "jaccard"]
baselines = ["constant"]

[matrix]
corpus = "sample"
chain = "seed"
rewriter = "none"
teacher = "lexicon"
student = ["knn", "linear", "t5-tiny"]
loss = ["bce", "ce", "my-loss/my-loss", "my-narrow/my-narrow"]
"""


@pytest.fixture
def own(project: Project) -> Project:
    """Return a project with a metric, a loss for any scores and one for labels, each one file."""
    for kind, name in (("metric", "my-metric"), ("loss", "my-loss"), ("loss", "my-narrow")):
        text = plugin.single_file(kind, name)
        if name == "my-narrow":
            text = text.replace('frozenset({"labels", "tokens"})', 'frozenset({"labels"})')
        path = project.folder / f"{plugin.package_of(name)}.py"
        plugin.write(path, {"": text})
    local = '["my_metric.py", "my_loss.py", "my_narrow.py"]'
    (project.folder / "registry.toml").write_text(f"[plugins]\nlocal = {local}\n", encoding="utf-8")
    project.write(BENCH, "own.toml")
    return project


def test_a_plugins_loss_is_paired_with_exactly_the_students_whose_scores_it_takes(own: Project):
    ran = own.deshi("plan", "own.toml", "--wide", "--format", "markdown")
    assert ran.status == 0, ran.err
    for student, loss, there in (
        ("linear", "my-loss/my-loss", True),
        ("linear", "my-narrow/my-narrow", True),
        ("t5-tiny", "my-loss/my-loss", True),
        ("t5-tiny", "my-narrow/my-narrow", False),
        ("knn", "my-loss/my-loss", False),
    ):
        assert (f"lexicon/{student}/{loss} seed 0" in ran.out) is there, (student, loss)
    assert "n/a lexicon/t5-tiny/my-narrow/my-narrow: loss 'my-narrow/my-narrow' takes" in ran.out


@pytest.mark.slow
def test_a_plugins_metric_has_intervals_tests_columns_and_comparisons(own: Project):
    sets = ("--set", 'matrix.student=["knn", "linear"]', "--set", 'matrix.loss="bce"')
    ran = own.deshi("run", "own.toml", "--format", "json", "--quiet", *sets)
    assert ran.status == 0, ran.err
    name = "my-metric/my-metric"
    rows = {row["id"]: row for row in ran.json["rows"]}
    found = rows["lexicon/linear/bce"]["metrics"][name]
    assert found["low"] <= found["value"] <= found["high"]
    assert rows["lexicon/linear/bce"]["tie_group"]
    pairs = [one for one in ran.json["comparisons"] if one["metric"] == name]
    assert {one["question"] for one in pairs} == {"artefact", "recipe"}
    assert all(one["p_holm"] is not None for one in pairs if one["question"] == "recipe")
    assert f"{name} ↓" in own.deshi("show", "--wide", "--format", "markdown").out
    claim = own.deshi("compare", "--claim", f"knn > linear on {name}")
    assert claim.status in (0, 1)
    assert "after Holm" in claim.out
    own.deshi("report", "latest", "-o", "own.html")
    assert name in (own.folder / "own.html").read_text(encoding="utf-8")
    (signature,) = [m["signature"] for m in ran.json["metrics"] if m["name"] == name]
    assert signature.startswith("count|mean|my-metric/my-metric.1|spare:0")
