"""Words that are no command, names that are no entry, paths where nothing is set: what was meant is said."""

from __future__ import annotations

import re

import pytest

from deshi.api import nearest
from deshi.cli.commands import find_commands
from deshi.cli.unknown import WORDS
from project import Project


def test_help_and_version_are_commands_too(project: Project) -> None:
    assert project.deshi("help").out == project.deshi("--help").out
    assert project.deshi("version").out == project.deshi("--version").out
    for words in (["run"], ["plugins", "info"]):
        ran = project.deshi("help", *words)
        assert (ran.status, ran.out) == (0, project.deshi(*words, "--help").out)
    assert project.deshi("help", "nonsense").status == 2


@pytest.mark.parametrize(
    ("word", "meant"),
    [("lst", "list"), ("RUN", "run"), ("train", "run"), ("evaluate", "score"), ("plug", "plugins")],
)
def test_a_word_that_is_near_a_command_is_answered_with_it(
    project: Project, word: str, meant: str
) -> None:
    ran = project.deshi(word)
    assert ran.status == 2
    assert f"no command '{word}'; did you mean '{meant}'?" in ran.err


def test_a_word_that_is_near_none_is_answered_with_all(project: Project) -> None:
    ran = project.deshi("xyzzy")
    listed = ran.err.split("there is: ")[1].strip().split(", ")
    assert sorted(listed) == sorted(find_commands())


def test_words_of_other_tools_lead_to_commands_and_are_none() -> None:
    assert set(WORDS.values()) <= set(find_commands())
    assert not set(WORDS) & set(find_commands())


def test_of_many_names_the_nearest_are_told() -> None:
    many = [f"emoji-{n}" for n in range(100)]
    told = nearest("qqq-50", many)
    assert told.startswith("the nearest of 100 are: ")
    assert "emoji-50" in told
    assert "…" not in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["describe", "studnt.knn"], "did you mean 'student.knn'?"),
        (["describe", "knnn"], "did you mean 'knn'?"),
        (["explain", "knn"], "did you mean 'student.knn'?"),
        (["explain", "fewest-bytes"], "nothing is set there; there is: "),
        (
            ["explain", "student.knn.params.k"],
            "its default applies; see `deshi describe student.knn`",
        ),
        (["explain", "student.knn.params.max-emoji"], "its default 5 applies"),
        (["explain", "student.knn.params.kk"], "did you mean 'k'?"),
        (["explain", "metric.jaccard"], "the component's defaults apply"),
        (["explain", "studen.knn.params"], "did you mean 'student'?"),
    ],
)
def test_where_nothing_is_the_right_name_or_what_holds_is_said(
    project: Project, words: list[str], told: str
) -> None:
    ran = project.deshi(*words)
    assert ran.status == 2
    assert told in ran.err


@pytest.mark.parametrize("columns", ["60", "72", "80", "100"])
def test_help_breaks_no_name_over_lines(project: Project, columns: str) -> None:
    for name in find_commands():
        out = project.deshi(name, "--help", env={"COLUMNS": columns}).out
        broken = [line for line in out.splitlines() if re.search(r"\w-$", line)]
        assert broken == [], name
    assert "metric.hit-at-1.use=hit-at-k" in project.deshi("score", "--help").out
