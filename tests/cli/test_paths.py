"""Paths of the command line: relative ones work everywhere, empty ones nowhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from invocations import FILE, INVOCATIONS, finished

import deshi
from deshi.api import UsageError
from deshi.cli import group
from deshi.cli.options import PathType
from project import Project


def commands(
    below: click.Group = group, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command and subcommand with the words that call it."""
    for name in below.list_commands(click.Context(below)):
        found = below.get_command(click.Context(below), name)
        assert found is not None
        yield (*words, name), found
        if isinstance(found, click.Group):
            yield from commands(found, (*words, name))


EVERY = dict(commands())
WITH_WORKSPACE = [
    w for w, found in EVERY.items() if any(p.name == "workspace" for p in found.params)
]
PATHS = [
    (w, p) for w, found in EVERY.items() for p in found.params if isinstance(p.type, click.Path)
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = finished(Project(tmp_path_factory.mktemp("paths")))
    (made.folder / "elsewhere").mkdir()
    made.workspace.rename(made.folder / "elsewhere" / "space")
    return made


def test_every_path_of_the_command_line_is_of_one_type() -> None:
    assert [(words, param.name) for words, param in PATHS if type(param.type) is not PathType] == []


@pytest.mark.parametrize("words", [words for words in WITH_WORKSPACE if len(words) == 1])
def test_a_relative_workspace_works(project: Project, words: tuple[str, ...]) -> None:
    for asked in INVOCATIONS[words[0]]:
        if "--gold" in asked.words:  # two files, and no workspace
            continue
        for folder in ("速い🐈", "出版🐈"):
            shutil.rmtree(project.folder / folder, ignore_errors=True)
        before = list(asked.words)
        at = 1 if before[:1] == ["export"] else len(before)
        rest = [*before[:at], "--workspace", "elsewhere/space", *before[at:]]
        ran = project.deshi(*words, *rest)
        assert ran.status == asked.status, (words, rest, ran.err)
        assert "unexpected" not in ran.err
    assert not project.workspace.exists()


def test_a_workspace_may_stand_before_or_behind_a_subcommand(project: Project) -> None:
    space = ("--workspace", "elsewhere/space")
    first = project.deshi("ledger", *space, "export", "-")
    assert first.status == 0, first.err
    assert first.out == project.deshi("ledger", "export", "-", *space).out
    assert project.deshi("ledger", "import", *space, "in.txt").status == 2


@pytest.mark.parametrize(
    ("words", "param"), PATHS, ids=[f"{' '.join(words)} {param.name}" for words, param in PATHS]
)
def test_an_empty_path_is_refused(words: tuple[str, ...], param: click.Parameter) -> None:
    command = EVERY[words]
    with pytest.raises(click.BadParameter, match="the path is empty") as caught:
        param.type_cast_value(
            click.Context(command), ("",) if param.nargs == -1 or param.multiple else ""
        )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "words",
    [["run", FILE, "--workspace", ""], ["run", ""], ["show", "--workspace="], ["show", ""], ["report", "-o", ""],
     ["new", "student", "pupil", "--into", ""], ["ledger", "--workspace", ""]],
)  # fmt: skip
def test_an_empty_variable_strews_nothing(project: Project, words: list[str]) -> None:
    before = sorted(project.folder.iterdir())
    ran = project.deshi(*words)
    assert ran.status == 2
    assert "is empty" in ran.err
    assert sorted(project.folder.iterdir()) == before


def test_python_refuses_an_empty_workspace_too() -> None:
    with pytest.raises(UsageError, match="workspace: is empty"):
        deshi.run("bench.toml", workspace="")


def test_a_relative_workspace_holds_when_the_folder_is_left() -> None:
    """A plugin, or a notebook, may change the current folder in between."""
    from deshi.workspace.workspace import Workspace

    assert Workspace(Path("here")).root == Path.cwd() / "here"
