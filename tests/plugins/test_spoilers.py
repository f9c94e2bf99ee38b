"""What one component spoils is its own: neither another's figures, nor the run's messages."""

from __future__ import annotations

from project import Project

PLUGIN = """
import numpy as np
from deshi.api import FitReport, MetricSpec, Prediction, StudentSpec, UsageError, hookimpl

class Spoiler:
    def __init__(self, params, env): pass
    def statistics(self, predicted, expected, alphabet):
        for one, gold in zip(predicted, expected):
            object.__setattr__(one, "emojis", gold.references[0])
        return np.ones((len(predicted), 1))
    def value(self, sums, n): return sums[..., 0] / n

class Student:
    def __init__(self, params, env): pass
    def fit(self, train, valid, loss): return FitReport()
    def predict(self, texts): return [Prediction(("🐈",)) for _ in texts]

class Surrogate(Student):
    def fit(self, train, valid, loss): raise ValueError("bad \\ud83d" + "x" * 100_000)

class Upside(Student):
    def predict(self, texts):
        return [Prediction(("🐈",), ranked=(("🐈", 0.1), ("🍎", 0.9))) for _ in texts]

class Nameless(Student):
    def fit(self, train, valid, loss): raise UsageError("is wrong")

@hookimpl
def deshi_metrics():
    return [MetricSpec(name="spoiler", target="spoil:Spoiler", summary="Spoils.", direction="higher",
                       bounds=(0.0, 1.0), signature="spoil")]

@hookimpl
def deshi_students():
    names = {"plain": "Student", "surrogate": "Surrogate", "upside": "Upside", "nameless": "Nameless"}
    return [StudentSpec(name=name, target=f"spoil:{target}", summary="A student.", trains_on=None)
            for name, target in names.items()]
"""
BENCH = """
[benchmark]
train = 60
valid = 20
test = 40
metrics = [{metrics}]
baselines = []
resamples = 100
[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "none"
teacher = "counter"
student = [{students}]
"""


def _run(project: Project, metrics: str, students: str) -> dict[str, dict[str, object]]:
    (project.folder / "spoil.py").write_text(PLUGIN, encoding="utf-8")
    (project.folder / "registry.toml").write_text('[plugins]\nlocal = ["spoil.py"]\n')
    project.write(BENCH.format(metrics=metrics, students=students))
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert "unexpected" not in ran.err
    return {row["cell"]["student"]: row for row in ran.json["rows"]}


def test_a_metric_that_changes_predictions_changes_no_other_metric(project: Project) -> None:
    alone = _run(project, '"jaccard"', '"spoil/plain"')["spoil/plain"]
    beside = _run(project, '"spoil/spoiler", "jaccard"', '"spoil/plain"')["spoil/plain"]
    assert beside["metrics"]["jaccard"]["value"] == alone["metrics"]["jaccard"]["value"]  # type: ignore[index]


def test_a_message_with_a_lone_surrogate_and_a_novel_costs_its_own_row(project: Project) -> None:
    students = '"spoil/plain", "spoil/surrogate", "spoil/upside"'
    rows = _run(project, '"jaccard"', students)
    assert rows["spoil/plain"]["status"] == "ok"
    bad = str(rows["spoil/surrogate"]["reason"])
    assert "spoil.py:" in bad
    assert "\\ud83d" in bad
    assert len(bad) < 3_000
    assert "not best first" in str(rows["spoil/upside"]["reason"])


def test_an_error_without_a_place_is_given_the_components(project: Project) -> None:
    (project.folder / "spoil.py").write_text(PLUGIN, encoding="utf-8")
    (project.folder / "registry.toml").write_text('[plugins]\nlocal = ["spoil.py"]\n')
    project.write(BENCH.format(metrics='"jaccard"', students='"spoil/nameless"'))
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 2
    assert "student 'spoil/nameless' (spoil.py:" in ran.err
    assert "is wrong" in ran.err
