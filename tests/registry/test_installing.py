"""A hint to install something is a command that works as it is printed, however deshi was installed."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from deshi.api import install_command
from deshi.api.installing import upgrade_command

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "house"
version = "1.0"

[project.optional-dependencies]
gpu = []

[tool.hatch.build.targets.wheel]
bypass-selection = true
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return a function that notes of a distribution where it came from, as pip does."""

    def note(source, name="house"):
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        if source is not None:
            (folder / "direct_url.json").write_text(json.dumps(source))
        monkeypatch.syspath_prepend(tmp_path)

    return note


@pytest.fixture
def clone(tmp_path):
    made = tmp_path / "my clone"
    made.mkdir()
    (made / "pyproject.toml").write_text(PROJECT)
    (made / "constraints.txt").write_text("")
    return made


def words(command):
    """Return what stands behind `python -m pip` in a command."""
    found = shlex.split(command)
    assert found[1:3] == ["-m", "pip"]
    return found[3:]


def test_an_extra_of_a_clone_is_installed_from_the_clone_with_its_constraints(installed, clone):
    installed({"url": clone.as_uri(), "dir_info": {"editable": True}})
    assert words(install_command("gpu", distribution="house")) == [
        "install", "-c", f"{clone}/constraints.txt", "-e", f"{clone}[gpu]"
    ]  # fmt: skip


def test_from_inside_the_clone_no_path_is_told(installed, clone, monkeypatch):
    installed({"url": clone.as_uri(), "dir_info": {"editable": True}})
    monkeypatch.chdir(clone)
    found = words(install_command("gpu", "hub", distribution="house"))
    assert found == ["install", "-c", "constraints.txt", "-e", ".[gpu,hub]"]
    monkeypatch.chdir(clone.parent)
    assert "./my clone[gpu]" in words(install_command("gpu", distribution="house"))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (None, "house[gpu]"),
        ({"url": "file:///nowhere/house", "dir_info": {"editable": True}}, "house[gpu]"),
        ({"url": "file:///gone/house-1.0-py3-none-any.whl", "archive_info": {}}, "house[gpu]"),
        (
            {
                "url": "https://me:secret@host.example/house.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "v1"},
            },
            "house[gpu] @ git+https://host.example/house.git@v1",
        ),
    ],
)
def test_what_came_from_elsewhere_is_asked_of_where_it_came_from(installed, source, wanted):
    installed(source)
    command = install_command("gpu", distribution="house")
    assert words(command) == ["install", wanted]
    assert "secret" not in command


def test_a_wheel_is_named_by_its_file(installed, tmp_path):
    wheel = tmp_path / "house-1.0-py3-none-any.whl"
    wheel.touch()
    installed({"url": wheel.as_uri(), "archive_info": {}})
    found = words(install_command("gpu", distribution="house"))
    assert found == ["install", f"house[gpu] @ {wheel.as_uri()}"]


@pytest.mark.parametrize("editable", [True, False])
def test_pip_takes_the_command_as_it_is_printed(installed, clone, monkeypatch, editable):
    installed({"url": clone.as_uri(), "dir_info": {"editable": editable}})
    monkeypatch.chdir(clone.parent)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    command = install_command("gpu", distribution="house")
    assert command.startswith("python -m pip ")
    dry = f"{command} --dry-run --no-deps --no-build-isolation --no-index"
    done = subprocess.run(["bash", "-c", dry], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Would install house-1.0" in done.stdout


def test_the_interpreter_of_a_clone_is_named_where_the_shell_would_take_another(
    installed, clone, monkeypatch
):
    installed({"url": clone.as_uri(), "dir_info": {"editable": True}}, "deshi")
    monkeypatch.chdir(clone)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(sys, "executable", str(clone / ".venv/bin/python"))
    (clone / ".venv/bin").mkdir(parents=True)
    command = install_command("neural")
    assert command == ".venv/bin/python -m pip install -c constraints.txt -e '.[neural]'"
    monkeypatch.setattr(sys, "executable", "/somewhere/private/python")
    assert "private" not in install_command("neural")


def test_a_clone_is_upgraded_by_git_and_an_installed_deshi_by_pip(installed, clone, monkeypatch):
    installed({"url": clone.as_uri(), "dir_info": {"editable": True}}, "deshi")
    told = upgrade_command("acme")
    assert f"git -C '{clone}' pull" in told
    assert "upgrade acme" in told
    monkeypatch.setattr("deshi.api.installing.recorded_source", lambda _: {})
    assert upgrade_command("acme").endswith("install --upgrade deshi acme`")
