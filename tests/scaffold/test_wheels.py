"""Plugins of outsiders, from their built wheels, in an environment that holds nothing of this one.

The environment is fresh and gets deshi's own wheel and theirs; the libraries that they need are
read from the environment of these tests, whose editable deshi is not seen from there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from deshi.api import KINDS
from deshi.scaffold import plugin

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/pyproject.toml"))
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


@dataclass(frozen=True)
class Environment:
    folder: Path

    def run(self, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
        return subprocess.run(
            [self.folder / "bin" / "python", *words], cwd=cwd, env=kept, capture_output=True,
            text=True, timeout=280,
        )  # fmt: skip

    def good(self, *words: str | Path, cwd: Path) -> str:
        done = self.run(*words, cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    for kind in KINDS:
        name = f"fresh-{kind}"
        plugin.write(folder / name, plugin.distribution(kind, name))
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory, sources):
    """Build deshi, the six new plugins and the examples as wheels, and install them afresh."""
    folder = tmp_path_factory.mktemp("environment")
    wheels = folder / "wheels"
    building = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", wheels]
    here = [ROOT, *EXAMPLES, *(sources / f"fresh-{kind}" for kind in KINDS)]
    subprocess.run([sys.executable, *building, *here], check=True, timeout=280)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=120)
    made = Environment(folder / "venv")
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    found = sorted(wheels.glob("*.whl"))
    assert len(found) == len(here)
    made.good("-m", "pip", "install", "-q", "--no-deps", "--no-index", *found, cwd=folder)
    return made


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
    assert used["deshi-fresh-loss"]["editable"] is False


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
