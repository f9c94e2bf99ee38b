"""A mistake in a plugin costs its own cells or column, and the message names file, line and fix."""

from __future__ import annotations

from dataclasses import dataclass

import mistakes
import pytest
from mistakes import CORPORA, FILTERS, LOSSES, METRICS, STUDENTS, TEACHERS, Mistake

from project import Project, Ran

BENCH = """
[benchmark]
train = 60
valid = 10
test = 20
seeds = 1
metrics = {metrics}
baselines = []
resamples = {resamples}
[matrix]
corpus = {corpus}
chain = {chain}
rewriter = "none"
teacher = {teacher}
student = {student}
loss = {loss}
"""
USUAL = {
    "metrics": '["hits"]', "resamples": "100", "corpus": '"numbers"', "chain": '"none"',
    "teacher": '"counter"', "student": '"memory"', "loss": '"nothing"',
}  # fmt: skip
LISTS = {
    "student": STUDENTS, "loss": LOSSES, "metric": METRICS,
    "filter": FILTERS, "corpus": CORPORA, "teacher": TEACHERS,
}  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """A run with all mistakes of one kind: what it printed, its results, the lines of the mistakes."""

    kind: str
    project: Project
    ran: Ran
    results: dict
    lines: dict[str, int]

    def reason(self, kind: str, name: str) -> str:
        if kind == "metric":
            return next(m["failed"] for m in self.results["metrics"] if m["name"] == f"bad/{name}")
        axis = {"filter": "chain"}.get(kind, kind)
        names = (name, f"bad/{name}")
        (row,) = [row for row in self.results["rows"] if row["cell"][axis] in names]
        assert row["status"] == "failed"
        return row["reason"]


def _names(found: list[Mistake]) -> str:
    return str(["bad/right", *(f"bad/{one.name}" for one in found)]).replace("'", '"')


def _bench(kind: str, found: list[Mistake]) -> tuple[str, str]:
    """Return the benchmark file and what stands in registry.toml for it."""
    if kind == "filter":
        chains = {"right": "bad/right"} | {one.name: f"bad/{one.name}" for one in found}
        tables = "".join(f'[chain.{n}]\nsource = ["{f}"]\n' for n, f in chains.items())
        return BENCH.format(**USUAL | {"chain": str([*chains]).replace("'", '"')}), tables
    axis = "metrics" if kind == "metric" else kind
    more = {"student": '"linear"'} if kind == "loss" else {}
    if kind == "metric":
        more = {"student": '["memory", "fleeting"]', "resamples": "10000"}
        return BENCH.format(**USUAL | more | {"metrics": _names(found)}), ""
    return BENCH.format(**USUAL | more | {axis: _names(found)}), ""


@pytest.fixture(scope="module", params=[*LISTS])
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    kind = request.param
    return _tried(kind, tmp_path_factory)


_DONE: dict[str, Tried] = {}


def _tried(kind: str, factory: pytest.TempPathFactory) -> Tried:
    if kind not in _DONE:
        project = Project(factory.mktemp(kind))
        head = {"loss": "import torch\n", "metric": "import numpy as np\n"}.get(kind, "")
        source, lines = mistakes.plugin(kind, LISTS[kind], head)
        ran = mistakes.run(project, kind, source, *_bench(kind, LISTS[kind]))
        assert ran.status == 1, ran.err + ran.out
        _DONE[kind] = Tried(kind, project, ran, mistakes.results(project), lines)
    return _DONE[kind]


@pytest.mark.parametrize(
    ("kind", "mistake"),
    [pytest.param(k, m, id=f"{k}-{m.name}") for k, found in LISTS.items() for m in found],
)
def test_a_mistake_is_told_with_file_line_and_fix(
    kind: str, mistake: Mistake, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = _tried(kind, tmp_path_factory)
    said = found.reason(kind, mistake.name)
    assert f"{kind} 'bad/{mistake.name}' (bad.py:{found.lines[mistake.name]}): " in said
    for words in mistake.says:
        assert words in said


def test_mistakes_cost_nothing_else(tried: Tried) -> None:
    sound = [row for row in tried.results["rows"] if row["status"] == "ok"]
    assert len(sound) == (2 if tried.kind == "metric" else 1)
    for row in sound:
        primary = row["metrics"][tried.results["metrics"][0]["name"]]
        assert 0 < primary["value"] <= 1


def test_no_traceback_is_shown_and_the_table_names_the_file_that_has_it(tried: Tried) -> None:
    assert "Traceback" not in tried.ran.out + tried.ran.err
    (log,) = (tried.project.workspace / "runs").glob("*/failures.log")
    assert f"tracebacks: {log.relative_to(tried.project.folder)}" in tried.ran.out
    assert "Traceback" in log.read_text(encoding="utf-8")
