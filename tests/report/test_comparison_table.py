"""The comparison table in hard cases: right marks, or a clear word, in every format."""

from __future__ import annotations

import copy
import csv
import io
from typing import Any

import pytest
from rich.console import Console

from deshi.results import Results
from deshi.statistics.tie_letters import letter
from deshi_tools.comparison_table.comparison_table import comparison_table
from deshi_tools.results_view.results_view import ResultsView
from deshi_tools.tables.formats import FORMATS, to_html
from deshi_tools.tables.terminal import show
from project import BENCHMARK, Project

SMALL = BENCHMARK.replace('["counter", "counter-two"]', '"counter"').replace(
    '["nothing", "less"]', '"less"'
)


def terminal(results: Any, width: int = 200) -> str:
    out = io.StringIO()
    show(comparison_table(ResultsView(Results.from_json(results))), Console(file=out, width=width))
    return out.getvalue()


def every_format(results: Any) -> dict[str, str]:
    """Return the table of results in all formats, the spaces folded."""
    table = comparison_table(ResultsView(Results.from_json(results)))
    texts = {name: form(table) for name, form in FORMATS.items()}
    texts |= {"html": to_html(table), "terminal": terminal(results)}
    return {name: " ".join(text.split()) for name, text in texts.items()}


def name(row: Any) -> str:
    """Return what the table calls a row's student."""
    student = row["cell"]["student"]
    short = {"constant": "majority", "shuffled": "permuted", "ceiling": "self-agreement"}
    return f"– {short.get(student, student)}" if row["baseline"] else student


_made: dict[tuple[str, ...], Any] = {}


def ran(project: Project, text: str = SMALL, *words: str) -> Any:
    """Return results that may be changed; one benchmark is run once for all tests."""
    if (text, *words) not in _made:
        project.write(text)
        _made[text, *words] = project.results(*words)
    return copy.deepcopy(_made[text, *words])


def test_lower_is_better_puts_the_lowest_first_and_marks_it(project: Project) -> None:
    text = SMALL.replace('["hits", "misses", "effective-emoji"]', '["misses"]')
    results = ran(project, text, "--set", "benchmark.seeds=5")
    order = [row["metrics"]["misses"]["value"] for row in results["rows"] if not row["baseline"]]
    assert order == sorted(order)
    values = {
        name(row): row["metrics"]["misses"]["value"] for row in results["rows"] if row["tie_group"]
    }
    best = min(values, key=lambda one: values[one])
    texts = every_format(results)
    assert f"**{best}**" in texts["markdown"]
    assert rf"\textbf{{{best.replace('–', '--')}}}" in texts["latex"]
    assert f"<strong>{best}</strong>" in texts["html"]
    assert "misses ↓" in texts["terminal"]


def test_more_than_26_rows_have_letters_that_can_be_read(project: Project) -> None:
    results = ran(project)
    one = next(row for row in results["rows"] if row["id"] == "counter/memory/less")
    results["rows"] = []
    for at in range(60):
        row = copy.deepcopy(one)
        row["id"] = f"{one['id']}{at}"
        row["cell"]["student"] = f"memory{at}"
        row["tie_group"] = letter(at)
        results["rows"].append(row)
    results["comparisons"] = []
    for name, text in every_format(results).items():
        assert all(f"memory{at}" in text for at in range(60)), name
        assert "a1" in text, name
    markdown = FORMATS["markdown"](
        comparison_table(ResultsView(Results.from_json(results)))
    ).splitlines()
    assert sum(line.startswith("| **") for line in markdown) == 1  # the best row, not the 27th


def test_rows_that_tie_share_a_letter_and_are_all_bold(project: Project) -> None:
    text = BENCHMARK.replace('["counter", "counter-two"]', '"counter"').replace(
        '["memory", "fleeting"]', '"memory"'
    )
    results = ran(project, text, "--set", "benchmark.seeds=5")
    top = [row for row in results["rows"] if "a" in (row["tie_group"] or "")]
    markdown = FORMATS["markdown"](
        comparison_table(ResultsView(Results.from_json(results)))
    ).splitlines()
    assert sum(line.startswith("| **") for line in markdown) == len(top) > 0
    assert "No winner: memory/" in " ".join(markdown)


def test_a_metric_that_is_undefined_shows_nothing_and_gets_a_word(project: Project) -> None:
    results = ran(project)
    for row in results["rows"]:
        row["tie_group"] = None
        row["metrics"]["hits"] |= {
            "value": None,
            "low": None,
            "high": None,
            "reason": "the metric is undefined here",
        }
    results["comparisons"] = []
    for name, text in every_format(results).items():
        assert "nan" not in text.lower().split(), name
        if name not in ("json", "csv"):
            assert "no value: the metric is undefined here" in text, name


def test_one_document_has_values_and_no_intervals_and_says_why(project: Project) -> None:
    results = ran(project, SMALL.replace("test = 40", "test = 1"))
    assert {row["n_documents"] for row in results["rows"]} == {1}
    texts = every_format(results)
    assert "no interval: one document: there is nothing to resample" in texts["terminal"]
    rows = csv.DictReader(
        io.StringIO(FORMATS["csv"](comparison_table(ResultsView(Results.from_json(results)))))
    )
    assert {row["interval"] for row in rows} == {"–"}


def test_one_row_is_said_to_be_the_only_one(project: Project) -> None:
    text = SMALL.replace('["memory", "fleeting"]', '"fleeting"').replace(
        '["constant", "shuffled"]', "[]"
    )
    results = ran(project, text)
    assert len(results["rows"]) == 1
    for name, shown in every_format(results).items():
        if name not in ("json", "csv"):
            assert "fleeting is the only row." in shown, name


def test_zero_successes_are_no_proof_of_an_interval_of_zero(project: Project) -> None:
    results = ran(
        project,
        SMALL.replace('["memory", "fleeting"]', '"fleeting"'),
        *("--set", 'benchmark.metrics=["repetition"]'),
    )
    row = next(row for row in results["rows"] if row["id"] == "counter/fleeting")
    found = row["metrics"]["repetition"]
    assert (found["value"], found["low"], found["high"]) == (0, None, None)
    assert "no variation between documents" in every_format(results)["terminal"]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_what_matters_most_stays_on_a_narrow_terminal(project: Project, width: int) -> None:
    results = ran(project, SMALL.replace('["hits", "misses"', '["jaccard", "misses"'))
    text = terminal(results, width)
    head = next(line for line in text.splitlines() if line.startswith("student"))
    for column in ("jaccard ↑", "interval", "vs maj.", "p", "sig.", "input p"):
        assert column in head
    assert all(len(line) <= width for line in text.splitlines())


def test_a_metric_without_a_better_side_cannot_order_rows(project: Project) -> None:
    project.write(SMALL.replace('["hits", "misses", "effective-emoji"]', '["effective-emoji"]'))
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 2
    assert "metric 'effective-emoji' has no direction" in ran.err


def test_a_table_without_a_metric_that_can_be_perfect_says_that_nothing_tests_the_input(
    project: Project,
) -> None:
    text = SMALL.replace('["hits", "misses", "effective-emoji"]', '["misses"]')
    assert (
        "no input-dependence test: it takes a metric"
        in every_format(ran(project, text))["terminal"]
    )


def test_a_single_row_with_few_seeds_says_why_it_is_not_tested(project: Project) -> None:
    text = SMALL.replace('["memory", "fleeting"]', '"memory"')
    shown = every_format(ran(project, text))["terminal"]
    assert (
        "memory/less is the only row. Not tested: memory/less (no test of retrained models" in shown
    )
    assert "All beat the majority baseline" not in shown
