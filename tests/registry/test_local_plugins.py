"""A plugin may be one file that registry.toml names; no other file is ever run."""

from __future__ import annotations

import sys

import pytest

from deshi.api import NotReadyError
from deshi.registry import Registry, code_of

HOOK = """
from deshi.api import MetricSpec, hookimpl

class It:
    def __init__(self, params, env):
        self.env = env

@hookimpl
def deshi_metrics():
    yield MetricSpec(
        name="it", target="{module}:It", summary="It.", direction="higher", signature="it"
    )
"""


@pytest.fixture
def make(tmp_path):
    before = set(sys.modules)

    def build(*files, code=HOOK, local=None):
        for file in files:
            (tmp_path / file).write_text(code.format(module=file.removesuffix(".py")), "utf-8")
        names = files if local is None else local
        listed = ", ".join(f'"{name}"' for name in names)
        (tmp_path / "registry.toml").write_text(f"[plugins]\nlocal = [{listed}]\n", "utf-8")
        folder = tmp_path / "deep"
        folder.mkdir(exist_ok=True)
        return Registry(folder, autoload=False, environ={}, warn=lambda _: None)

    yield build
    for added in set(sys.modules) - before:
        if added.startswith("local_"):
            del sys.modules[added]


def record(registry, name):
    return next(one for one in registry.records() if one.name == name)


def test_a_file_that_is_named_is_a_plugin_of_its_name(make):
    registry = make("local_metric.py")
    found = record(registry, "local-metric")
    assert (found.state, found.offers) == ("ready", (("metric", "local-metric/it"),))
    from deshi.api import Env

    built = registry.create("metric", "local-metric/it", {}, Env(seed=7))
    assert built.env.seed == 7


def test_another_process_finds_the_same_file_without_a_registry_file(make, tmp_path):
    data = make("local_metric.py").to_json()
    (tmp_path / "registry.toml").unlink()
    other = Registry.from_json(data)
    assert other.catalog.find("metric", "local-metric/it").id == "local-metric/it"


def test_a_file_that_is_not_named_is_not_run(make, tmp_path):
    (tmp_path / "local_bystander.py").write_text("raise RuntimeError('run')", "utf-8")
    make("local_metric.py").records()
    assert "local_bystander" not in sys.modules


def test_its_source_is_the_hash_of_its_content(make, tmp_path):
    registry = make("local_metric.py")
    first = code_of(record(registry, "local-metric"))
    assert first.startswith("local_metric.py sha256:")
    with (tmp_path / "local_metric.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert code_of(record(registry, "local-metric")) != first


@pytest.mark.parametrize(
    ("files", "local", "code", "name", "state", "reason"),
    [
        ((), ("local_gone.py",), HOOK, "local-gone", "broken", "there is no file "),
        (("local_bad.py",), None, "import nothing_here", "local-bad", "broken", "ModuleNotFound"),
        (("local-dash.py",), None, HOOK, "local-dash", "invalid", "is not named as a module"),
        (("json.py",), None, HOOK, "json", "broken", "a module 'json' is installed; rename"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(make, files, local, code, name, state, reason):
    found = record(make(*files, local=local, code=code), name)
    assert found.state == state
    assert reason in found.reason


def test_two_files_of_one_name_are_told_apart(make, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/local_metric.py").write_text(HOOK.format(module="local_metric"), "utf-8")
    registry = make("local_metric.py", local=("local_metric.py", "sub/local_metric.py"))
    states = [one.state for one in registry.records() if one.name == "local-metric"]
    assert sorted(states) == ["invalid", "ready"]


def test_a_file_that_fails_stops_only_the_run_that_names_it(make):
    registry = make("local_bad.py", code="import nothing_here")
    with pytest.raises(NotReadyError, match=r"plugin .local-bad. .local_bad.py. is broken"):
        registry.catalog.find("metric", "local-bad/it")
