"""The command line starts quickly, because it imports little."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from project import Project

HEAVY = {
    "rich", "pluggy", "msgspec", "numpy", "scipy", "pyarrow", "sklearn", "torch", "fugashi",
    "deshi.api", "deshi.registry", "deshi_plugins", "importlib.metadata",
}  # fmt: skip
COMPONENTS = {"torch", "sklearn", "fugashi", "scipy", "pyarrow"}


def modules(*words: str) -> set[str]:
    """Return the modules that a command imports."""
    code = (
        "import sys, json, atexit\n"
        "from deshi.cli import main\n"
        "atexit.register(lambda: sys.stderr.write('MODULES' + json.dumps(sorted(sys.modules))))\n"
        f"main({list(words)!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    return set(json.loads(done.stderr.split("MODULES")[-1]))


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    assert modules(*words) & HEAVY == set()


@pytest.mark.parametrize("words", [["list"], ["describe", "student.knn"], ["describe", "jaccard"]])
def test_listing_and_describing_import_no_component(words: list[str]) -> None:
    loaded = modules(*words)
    assert loaded & COMPONENTS == set()
    kinds = ("corpora", "teachers", "filters", "students", "losses", "metrics")
    components = {m for m in loaded if m.startswith(tuple(f"deshi_plugins.{k}." for k in kinds))}
    light = ("spec", "params")  # spec.py, specs.py, specs_matching.py, params.py
    heavy = {m for m in components if not m.rpartition(".")[2].startswith(light)}
    packages = {m for m in heavy if any(one.startswith(f"{m}.") for one in components)}
    assert heavy - packages == set()


def test_planning_imports_no_machine_learning() -> None:
    loaded = modules("plan", "benchmarks/quickstart.toml")
    assert loaded & {"torch", "sklearn", "fugashi"} == set()


def test_every_command_has_help_and_a_module(project: Project) -> None:
    from deshi.cli.commands import find_commands

    for name in find_commands():
        ran = project.deshi(name, "--help")
        assert ran.status == 0, ran.err
        assert "Usage: deshi" in ran.out
        # Some have one form: a page, a folder; and a server prints no table.
        of_one_form = {
            "report", "publish", "export", "fake-server", "new", "schema", "completion",
        }  # fmt: skip
        assert "--format" in ran.out or name in of_one_form
