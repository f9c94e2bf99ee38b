"""Plugins of outsiders, from their built wheels, in an environment that holds nothing of this one."""

from __future__ import annotations

import json

import pytest
from wheel_environment import EXAMPLES

from deshi.api import KINDS

pytestmark = pytest.mark.slow
BENCHMARK = """
[benchmark]
train = 300
valid = 40
test = 80
seeds = 2
resamples = 200
metrics = ["jaccard", "fresh-metric/fresh-metric"]
baselines = ["constant"]

[matrix]
corpus = "fresh-corpus/fresh-corpus"
chain = "mine"
rewriter = "none"
teacher = "fresh-teacher/fresh-teacher"
student = ["fresh-student/fresh-student", "linear", "knn"]
loss = ["bce", "fresh-loss/fresh-loss"]
"""


def test_deshi_is_the_wheels(environment, tmp_path):
    where = environment.good("-c", "import deshi; print(deshi.__file__)", cwd=tmp_path)
    assert str(environment.folder) in where


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_passes_its_own_tests_and_the_checks(environment, sources, kind):
    name = f"fresh-{kind}"
    told = environment.good("-m", "pytest", "-q", "tests", cwd=sources / name)
    assert " passed" in told
    told = environment.good("-m", "deshi", "check", f"{name}/{name}", cwd=sources)
    assert "failed" not in told


def test_six_new_plugins_run_in_one_matrix(environment, tmp_path):
    (tmp_path / "bench.toml").write_text(BENCHMARK, encoding="utf-8")
    chain = '[chain.mine]\nsource = ["fresh-filter/fresh-filter"]\n'
    (tmp_path / "registry.toml").write_text(chain, encoding="utf-8")
    words = ("-m", "deshi", "run", "bench.toml", "--quiet", "--format", "json")
    results = json.loads(environment.good(*words, cwd=tmp_path))
    cells = {(row["cell"]["student"], row["cell"]["loss"]) for row in results["rows"]}
    assert {
        ("fresh-student/fresh-student", None),
        ("knn", None),
        ("linear", "bce"),
        ("linear", "fresh-loss/fresh-loss"),
    } <= cells
    assert {row["status"] for row in results["rows"] if not row["baseline"]} == {"ok"}
    used = {one["distribution"]: one for one in results["provenance"]["plugins"]}
    assert {f"deshi-fresh-{kind}" for kind in KINDS} < set(used)
    assert used["deshi-fresh-loss"]["used"] == ["loss fresh-loss/fresh-loss"]
    assert used["deshi-fresh-loss"]["code"] == "deshi-fresh-loss 0.1.0"


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_an_example_passes_its_own_tests_and_the_checks(environment, folder, tmp_path):
    told = environment.good(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", folder / "tests", cwd=tmp_path
    )
    assert " passed" in told
    plugins = json.loads(
        environment.good("-m", "deshi", "plugins", "--format", "json", cwd=tmp_path)
    )
    assert f"deshi-{folder.name}" in json.dumps(plugins)
