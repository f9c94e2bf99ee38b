"""A row has one name: whatever takes a row takes the name that the table gives it, and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from project import BENCHMARK, Project

BENCH = (
    BENCHMARK.replace('["counter", "counter-two"]', '"counter"')
    .replace('["memory", "fleeting"]', '["memory", { use = "memory", most = 1 }]')
    .replace('["nothing", "less"]', '"less"')
)
ID, OTHER = "counter/memory/less", "counter/memory(most=1)/less"
NAMES = (ID, "memory/less", "memory", "ry/le")
SEVERAL = f"'less' could be {OTHER} or {ID}; write one of them"
COMMANDS = {
    "show --against": ("show", "--against", "{}", "--notes", "--format", "csv"),
    "show --row": ("show", "--emoji", "--row", "{}", "--format", "csv"),
    "errors --row": ("errors", "--row", "{}", "--format", "json"),
    "errors --against": ("errors", "--row", OTHER, "--against", "{}", "--format", "json"),
    "compare --claim": ("compare", "--claim", "{} > constant on hits", "--format", "csv"),
    "compare --row": ("compare", "{old}", "{new}", "--row", "{}", "--format", "json"),
    "predict": ("predict", "latest/{}", "これは3", "--format", "json"),
    "publish": ("publish", "latest/{}", "--to", "given", "--permit", "a test"),
    "export": ("export", "latest/{}", "--to", "fast"),
}
"""Words of each command that takes a row; those of `predict` and others take it after a run."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, str]]:
    project = Project(tmp_path_factory.mktemp("names"))
    project.write(BENCH)
    found = {}
    for name, words in {"old": ("--set", "benchmark.seeds=1"), "new": ()}.items():
        ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json", *words)
        assert ran.status == 0, ran.err
        found[name] = str(ran.json["run"])
    return project, found


def said(runs: tuple[Project, dict[str, str]], command: str, row: str) -> Any:
    project, names = runs
    return project.deshi(*(word.format(row, **names) for word in COMMANDS[command]))


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"publish", "export"}))
def test_a_row_may_be_named_as_the_table_names_it(
    runs: tuple[Project, dict[str, str]], command: str
) -> None:
    by_id = said(runs, command, ID)
    assert by_id.status in (0, 1), by_id.err  # a claim may be refused
    by_name = said(runs, command, "memory")
    assert by_name.out.replace("memory > ", f"{ID} > ") == by_id.out  # a claim is repeated


@pytest.mark.parametrize("name", NAMES)
def test_all_names_of_a_row_mean_it(runs: tuple[Project, dict[str, str]], name: str) -> None:
    ran = said(runs, "errors --row", name)
    assert json.loads(ran.out)["row"] == ID, ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_of_several_rows_is_refused_with_their_ids(
    runs: tuple[Project, dict[str, str]], command: str
) -> None:
    ran = said(runs, command, "less")
    assert ran.status == 2
    assert SEVERAL in " ".join(ran.err.split())


def test_a_row_without_predictions_is_said_to_have_none(
    runs: tuple[Project, dict[str, str]],
) -> None:
    ran = said(runs, "errors --row", "shuffled")
    assert ran.status == 2
    assert "row 'counter/shuffled' has no predictions of its own" in ran.err
