"""`deshi check`: it says what it is at, and what it lacks."""

from __future__ import annotations

import re

import pytest

from project import Project


def test_each_component_has_a_line_on_stderr_and_stdout_stays_pure(project: Project) -> None:
    ran = project.deshi("check", "--plugin", "builtin", "--kind", "filter", "--format", "json")
    assert ran.status == 0, ran.err
    names = [row["component"] for row in ran.json]
    said = re.findall(r"deshi: \[(\d+)/(\d+)\] filter (\S+): \d+ run, .* s\n", ran.err)
    assert said == [(str(at), str(len(names)), name) for at, name in enumerate(names, 1)]
    ran = project.deshi("check", "--plugin", "builtin", "--kind", "filter", "--quiet")
    assert (ran.status, ran.err) == (0, "")


def test_what_is_named_has_a_line_too(project: Project) -> None:
    ran = project.deshi("check", "jaccard", "metric.exact-match")
    assert ran.status == 0, ran.err
    assert re.search(r"\[1/2\] jaccard: \d+ run", ran.err)
    assert re.search(r"\[2/2\] metric.exact-match: \d+ run", ran.err)


def test_the_usage_shows_that_no_entry_is_needed(project: Project) -> None:
    assert "Usage: deshi check [OPTIONS] [ENTRY]...\n" in project.deshi("check", "--help").out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mix", "needs the key 'weights'; add --set corpus.mix.params.weights=…"),
        ("texts", "needs either 'path' or 'dataset'; add --set corpus.texts.params.path=…"),
    ],
)
def test_a_parameter_that_is_missing_is_answered_with_the_setting_of_it(
    project: Project, name: str, told: str
) -> None:
    ran = project.deshi("check", name)
    assert ran.status == 2
    assert told in ran.err.replace("'corpus", "corpus").replace("…'", "…")
