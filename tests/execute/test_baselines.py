"""Baselines: what each row shows, when there is none, and that it costs no question twice."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow.parquet as pq
import pytest

from project import BENCHMARK, Project

JACCARD = BENCHMARK.replace(
    'metrics = ["hits", "misses", "effective-emoji"]', 'metrics = ["jaccard"]'
)
ONE = JACCARD.replace('["counter", "counter-two"]', '"counter"').replace(
    '["nothing", "less"]', '"less"'
)
WHOLE = ONE.replace('baselines = ["constant", "shuffled"]\n', "")


def rows(results: Any) -> dict[str, Any]:
    return {row["id"]: row for row in results["rows"]}


def value(results: Any, name: str, metric: str = "jaccard") -> float:
    found: float = rows(results)[name]["metrics"][metric]["value"]
    return found


def test_all_baselines_stand_in_the_table_without_being_asked(project: Project) -> None:
    project.write(WHOLE)
    found = rows(project.results("--set", "benchmark.samples=2"))
    baselines = {row["cell"]["student"] for row in found.values() if row["baseline"]}
    assert baselines == {"constant", "shuffled", "lexicon", "knn", "oracle", "ceiling"}


def test_the_oracle_is_what_a_perfect_choice_among_a_rows_emoji_scores(project: Project) -> None:
    project.write(WHOLE)
    results = project.results()
    students = [row for row in results["rows"] if row["status"] == "ok" and row["vocabulary"]]
    for row in students:
        assert row["vocabulary"]["oracle"] >= row["metrics"]["jaccard"]["value"]
    best = max(
        (row for row in students if not row["baseline"]),
        key=lambda row: row["metrics"]["jaccard"]["value"],
    )
    assert value(results, "counter/oracle") == pytest.approx(best["vocabulary"]["oracle"])
    assert best["id"] in rows(results)["counter/oracle"]["reason"]


def test_the_ceiling_is_the_teachers_second_answer_against_its_first(project: Project) -> None:
    project.write(WHOLE)
    results = project.results("--set", "benchmark.samples=3")
    (pairs,) = project.workspace.glob("artefacts/label/*/*/pairs.parquet")
    samples = [
        row["samples"]
        for row in pq.read_table(pairs).to_pylist()
        if row["part"] == "test" and row["kept"]
    ]

    def jaccard(a: list[str], b: list[str]) -> float:
        return len(set(a) & set(b)) / len(set(a) | set(b))

    again = [sum(jaccard(s[k], s[0]) for s in samples) / len(samples) for k in (1, 2)]
    assert value(results, "counter/ceiling") == pytest.approx(sum(again) / 2)
    assert rows(results)["counter/ceiling"]["seeds"] == 2


def test_a_teacher_that_is_asked_once_has_no_ceiling_and_the_table_says_how_to_get_one(
    project: Project,
) -> None:
    project.write(WHOLE)
    results = project.results()
    assert "counter/ceiling" not in rows(results)
    assert "benchmark.samples = 2" in " ".join(results["warnings"])


def test_another_teachers_answers_are_a_baseline_and_are_asked_once(project: Project) -> None:
    text = JACCARD.replace('["nothing", "less"]', '"less"')
    project.write(text.replace('["constant", "shuffled"]', '["constant", "counter"]'))
    found = rows(project.results())
    assert found["counter/counter"]["status"] == "n/a"
    assert "'counter' gave these labels itself" in found["counter/counter"]["reason"]
    judged = found["counter-two/counter"]
    assert (judged["status"], judged["n_test"], judged["n_train"]) == ("ok", 40, None)
    labels = [line for line in project.work_done() if line.startswith("label 0")]
    assert len(labels) == len(set(labels))  # its answers as a teacher serve as a baseline too


def test_a_baseline_that_made_the_gold_is_told_of_under_the_table_and_is_no_row(
    project: Project,
) -> None:
    project.write(JACCARD.replace('["constant", "shuffled"]', '["constant", "counter"]'))
    out = project.deshi("run", "bench.toml", "--quiet", "--notes").out
    assert "cannot run" not in out
    assert "n/a: counter/counter: 'counter' gave these labels itself." in " ".join(out.split())


def test_collapse_stands_beside_any_metric_unless_it_is_switched_off(project: Project) -> None:
    project.write(ONE)
    first = rows(project.results())["counter/fleeting"]["metrics"]
    assert {"effective-emoji", "collapse-index", "top5-share", "repetition"} < set(first)
    off = project.results("--set", "benchmark.collapse=[]")
    assert set(rows(off)["counter/fleeting"]["metrics"]) == {"jaccard"}
    assert any("collapse may go unnoticed" in line for line in off["warnings"])


def test_intervals_answer_for_new_runs_where_there_are_enough(project: Project) -> None:
    project.write(ONE)
    five = rows(project.results("--set", "benchmark.seeds=5"))["counter/memory/less"]
    two = rows(project.results("--set", "benchmark.seeds=2"))["counter/memory/less"]
    found = five["metrics"]["jaccard"]
    assert found["question"] == "retrained-models"
    fixed = found["fixed_models"][1] - found["fixed_models"][0]
    assert found["high"] - found["low"] > 0.98 * fixed
    found = two["metrics"]["jaccard"]
    assert found["question"] == "fixed-models"
    assert [found["low"], found["high"]] == found["fixed_models"]


def test_show_measures_differences_to_a_chosen_row(project: Project) -> None:
    project.write(ONE)
    results = project.results()
    shown = project.deshi("show", "--against", "fleeting", "--format", "csv")
    assert shown.status == 0, shown.err
    (line,) = [r for r in csv.DictReader(io.StringIO(shown.out)) if r["student"] == "memory"]
    expected = value(results, "counter/memory/less") - value(results, "counter/fleeting")
    assert float(line["vs chosen"]) == pytest.approx(expected)
    unknown = project.deshi("show", "--against", "nobody")
    assert unknown.status == 2
    assert "no row 'nobody'" in unknown.err
