"""A shell completes commands and options."""

from __future__ import annotations

import pytest

from project import Project


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(project: Project, shell: str):
    ran = project.deshi("completion", shell)
    assert ran.status == 0
    assert f"_DESHI_COMPLETE={shell}_complete" in ran.out


def test_a_command_and_an_option_are_completed_without_importing_a_plugin(project: Project):
    asked = {"_DESHI_COMPLETE": "bash_complete", "COMP_WORDS": "deshi pl", "COMP_CWORD": "1"}
    ran = project.deshi(env=asked)
    assert set(ran.out.split()) == {"plain,plan", "plain,plugins"}
    asked |= {"COMP_WORDS": "deshi run --wor", "COMP_CWORD": "2"}
    assert "plain,--workers" in project.deshi(env=asked).out.split()
