"""The JSON Schemas take what deshi takes, and what they refuse deshi refuses."""

from __future__ import annotations

import copy
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deshi.api import DeshiError
from deshi.benchmark.file import read_benchmark
from deshi.registry import Registry
from deshi_tools.schema import benchmark_schema, registry_schema
from project import Project

ROOT = Path(__file__).parents[2]
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.toml"))


@cache
def validator(name):
    found = benchmark_schema() if name == "benchmark" else registry_schema(Registry(ROOT))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def read(path):
    return json.loads(json.dumps(tomllib.loads(path.read_text(encoding="utf-8"))))


def faults(name, tree):
    return [error.message for error in validator(name).iter_errors(tree)]


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_benchmark_of_the_repository_is_taken(path):
    assert faults("benchmark", read(path)) == []


def test_the_built_in_registry_is_taken():
    assert faults("registry", read(ROOT / "registry.toml")) == []


GOOD: dict[str, Any] = {
    "benchmark": {"train": 10, "valid": 5, "test": 5, "metrics": ["jaccard"]},
    "matrix": {
        "corpus": "sample",
        "chain": "seed",
        "teacher": ["lexicon", {"use": "lexicon", "seed": [1, 2]}],
        "student": ["knn"],
        "loss": "bce",
    },
    "migration": {"from": "lexicon", "to": "lexicon-faces", "accept": {"most-shift": 0.1}},
    "permit": {"claude": "for a look"},
    "published": {"source": "x", "values": [{"row": "a", "metric": "b", "value": 0.1, "n": 5}]},
    "abandon": {"after": 1, "p": 0.05},
    "scale": {"small": {"benchmark": {"train": 5}, "matrix": {"loss": "ce"}}},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("benchmark.trian", 5),
        ("benchmark.train", 0),
        ("benchmark.train", "many"),
        ("benchmark.seeds", 2.5),
        ("benchmark.metrics", "jaccard"),
        ("benchmark.near-test", 2),
        ("benchmark.split-by", "author"),
        ("matrix.teachers", "lexicon"),
        ("matrix.teacher", 5),
        ("matrix.teacher", []),
        ("matrix.student", [{"k": 5}]),
        ("matrix.train", [100, 0]),
        ("migration.accept.most-shifts", 0.1),
        ("migration.accept.most-shift", -1),
        ("abandon.after", 0),
        ("published.values", [{"row": "a"}]),
        ("permit.claude", ""),
        ("scale.small.registry", {}),
        ("tables", {}),
    ],
)
def test_a_mistake_in_a_benchmark_is_refused_by_both(path, value, tmp_path):
    assert faults("benchmark", GOOD) == []
    tree = copy.deepcopy(GOOD)
    *tables, key = path.split(".")
    place = tree
    for name in tables:
        place = place[name]
    place[key] = value
    assert faults("benchmark", tree) != []
    with pytest.raises(DeshiError):
        read_benchmark(write(tmp_path, tree))


def write(folder, tree):
    import tomlkit

    path = folder / "bench.toml"
    path.write_text(tomlkit.dumps(tree), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[student.mine]\nuse = "knn"\nparams = { kk = 5 }', "'kk' was unexpected"),
        (
            '[student.mine]\nuse = "linear"\nparams = { epochs = 0 }',
            "0 is less than the minimum of 1",
        ),
        ('[student.mine]\nuse = "linear"\nparams = { rank = "low" }', "'low' is not of type"),
        ('[student.mine]\nuses = "knn"', "'uses' was unexpected"),
        ('[studnet.mine]\nuse = "knn"', "'studnet' was unexpected"),
        ('[plugins]\ndisabled = "acme"', "'acme' is not of type 'array'"),
        ('[chain.mine]\nsources = ["length"]', "'sources' was unexpected"),
    ],
)
def test_a_mistake_in_a_registry_is_refused_by_both(text, message, tmp_path):
    (found,) = [m for m in faults("registry", tomllib.loads(text)) if "not valid under" not in m]
    assert message in found
    (tmp_path / "registry.toml").write_text(text, encoding="utf-8")
    registry = Registry(tmp_path, autoload=True, environ={})
    with pytest.raises(DeshiError):
        registry.resolve(registry.entry("student", "mine"))


def test_a_plugins_own_component_is_taken_as_it_is():
    tree = {"student": {"mine": {"use": "acme/t5", "params": {"anything": [1, {"at": "all"}]}}}}
    assert faults("registry", tree) == []


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2), st.text(max_size=4),
    st.lists(st.integers(0, 2), max_size=2), st.just({}),
)  # fmt: skip
KEYS = sorted(benchmark_schema()["properties"]["benchmark"]["properties"])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KEYS), VALUES.filter(lambda value: value is not None))
def test_whatever_a_setting_is_the_schema_refuses_nothing_that_deshi_takes(key, value):
    import tempfile

    tree = {name: copy.deepcopy(GOOD[name]) for name in ("benchmark", "matrix")}
    tree["benchmark"][key] = value
    with tempfile.TemporaryDirectory() as folder:
        try:
            read_benchmark(write(Path(folder), tree))
        except DeshiError:
            return
    assert faults("benchmark", tree) == []


def test_the_command_prints_a_schema(project: Project):
    ran = project.deshi("schema", "benchmark")
    assert ran.status == 0
    assert ran.json == json.loads(json.dumps(benchmark_schema()))
