"""What `deshi new` writes is green at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deshi.api import KINDS, UsageError
from deshi.registry import Registry
from deshi.testing import check_component
from deshi_tools.scaffold import plugin
from project import Project


@pytest.fixture
def local(tmp_path):
    """Return a folder whose registry.toml names one file of each kind, and a registry for it."""
    for kind in KINDS:
        name = f"fresh-{kind}"
        path = tmp_path / f"{plugin.package_of(name)}.py"
        plugin.write(path, {"": plugin.single_file(kind, name)})
    names = [f'"./fresh_{kind}.py"' for kind in KINDS]
    text = f"[plugins]\nlocal = [{', '.join(names)}]\n"
    (tmp_path / "registry.toml").write_text(text, encoding="utf-8")
    yield Registry(tmp_path, autoload=True, environ={})
    for kind in KINDS:
        sys.modules.pop(f"fresh_{kind}", None)


def test_a_single_file_of_each_kind_keeps_its_contract_with_all_its_checks(local):
    counts = {}
    for kind in KINDS:
        report = check_component(f"fresh-{kind}/fresh-{kind}", kind=kind, registry=local)
        assert {r.check.id: r.reason for r in report.results if r.is_bad} == {}
        assert report.is_good
        counts[kind] = report.run
    assert counts == {
        "corpus": 17, "teacher": 16, "filter": 16, "student": 23, "loss": 20, "metric": 19,
    }  # fmt: skip


def test_what_is_written_is_formatted_and_has_no_lint(tmp_path):
    for kind in KINDS:
        plugin.write(tmp_path / kind, plugin.distribution(kind, f"fresh-{kind}"))
        plugin.write(tmp_path / f"one_{kind}.py", {"": plugin.single_file(kind, f"one-{kind}")})
    options = ["--isolated", "--config", "line-length=105"]
    for command in (["check", "--select", "E,F,I,UP,B,W"], ["format", "--check"]):
        done = subprocess.run(
            [Path(sys.executable).parent / "ruff", *command, *options, tmp_path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["Mine", "my_metric", "json", "builtin", "1st", "class", "../x"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(UsageError, match=f"name '{name}': "):
        plugin.distribution("metric", name)


def test_nothing_that_is_there_is_written_over(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(UsageError, match="already exists; choose another name or --into"):
        plugin.write(folder, plugin.distribution("metric", "mine"))
    assert list(folder.iterdir()) == []


def test_the_command_writes_and_says_what_comes_next(project: Project):
    ran = project.deshi("new", "metric", "mine", "--into", "plugins")
    assert ran.status == 0
    assert (project.folder / "plugins/mine/mine/hooks.py").is_file()
    assert "pip install -e 'plugins/mine[test]' && deshi check mine/mine" in ran.out
    again = project.deshi("new", "metric", "mine", "--into", "plugins")
    assert again.status == 2
    assert again.err == "deshi: plugins/mine: already exists; choose another name or --into\n"
    wrong = project.deshi("new", "metrik", "mine")
    assert (wrong.status, wrong.err) == (
        2, "deshi: deshi new: unknown kind 'metrik'; did you mean 'metric'?\n",
    )  # fmt: skip
