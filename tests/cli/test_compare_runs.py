"""`deshi compare OLD NEW`: what differs, which rows moved beyond chance, which texts flipped."""

from __future__ import annotations

import csv
import functools
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from project import BENCHMARK, Project

pytestmark = pytest.mark.slow

SMALL = BENCHMARK.replace('["counter", "counter-two"]', '"counter"').replace(
    '["nothing", "less"]', '"less"'
)
SEEDS = ("--set", "benchmark.seeds=4")
ONE_EMOJI = ("--set", "student.memory.params.most=1")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, str]]:
    """Runs of one project: as it is, with one parameter changed, with another teacher, with two seeds."""
    project = Project(tmp_path_factory.mktemp("runs"))
    project.write(SMALL)
    ways = {
        "old": SEEDS,
        "one": (*SEEDS, *ONE_EMOJI),
        "taught": (*SEEDS, "--set", "teacher.counter.params.shift=1"),
        "few": ("--set", "benchmark.seeds=2", *ONE_EMOJI),
    }
    return project, {name: run(project, *words) for name, words in ways.items()}


@pytest.fixture(scope="module")
def compare(shared: tuple[Project, dict[str, str]]) -> Callable[..., Any]:
    project, runs = shared

    @functools.cache
    def command(old: str, new: str, *words: str) -> Any:
        ran = project.deshi("compare", runs[old], runs[new], "--format", "json", *words)
        assert ran.status == 0, ran.err
        return ran.json

    return command


def run(project: Project, *words: str) -> str:
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json", *words)
    assert ran.status == 0, ran.err
    return str(ran.json["run"])


def row(found: Any, name: str) -> Any:
    return next(row for row in found["rows"] if row["row"] == name)


def test_a_changed_parameter_is_what_differs_and_moves_its_row_alone(compare: Any) -> None:
    found = compare("old", "one")
    assert found["differs"] == [{"key": "student.memory.params.most", "old": 2, "new": 1}]
    moved = row(found, "counter/memory/less")
    assert moved["retrained_models"]["verdict"] == "worse"
    assert moved["retrained_models"]["p_holm"] < 0.05
    assert (
        moved["retrained_models"]["low"]
        < moved["retrained_models"]["difference"]
        < moved["retrained_models"]["high"]
        < 0
    )
    assert moved["new"] - moved["old"] == pytest.approx(moved["retrained_models"]["difference"])
    assert moved["retrained_models"]["smallest_detectable"] > 0
    assert moved["fixed_models"]["verdict"] == "worse"
    for name in ("counter/fleeting", "counter/constant"):
        same = row(found, name)
        assert (
            same["retrained_models"]["verdict"] == same["fixed_models"]["verdict"] == "no verdict"
        )
        assert "the same models" in same["retrained_models"]["reason"]
    assert row(found, "counter/constant")["baseline"]


def test_the_way_back_is_an_improvement_of_the_same_size(compare: Any) -> None:
    there, back = compare("old", "one"), compare("one", "old")
    moved = row(back, "counter/memory/less")
    assert moved["retrained_models"]["verdict"] == "improved"
    assert moved["retrained_models"]["difference"] == pytest.approx(
        -row(there, "counter/memory/less")["retrained_models"]["difference"]
    )


def test_texts_flip_in_the_rows_that_moved_the_furthest_first(compare: Any) -> None:
    texts = compare("old", "one", "--texts", "5")["texts"]
    assert {text["row"] for text in texts} == {"counter/memory/less"}
    assert len(texts) == 5
    changes = [abs(text["change"]) for text in texts]
    assert changes == sorted(changes, reverse=True)
    for text in texts:
        assert text["change"] == pytest.approx(text["new"] - text["old"])
        assert text["old_gold"] == text["new_gold"]
        assert len(text["new_answer"]) == 1
        assert text["text"].startswith("これは数の")


def test_a_row_is_asked_for_by_a_part_of_its_id(compare: Any) -> None:
    assert compare("old", "one", "--row", "fleeting")["texts"] == []
    assert compare("old", "one", "--row", "memory")["texts"]


def test_another_teacher_is_said_to_have_changed_the_gold(compare: Any, shared: Any) -> None:
    found = compare("old", "taught")
    assert {d["key"] for d in found["differs"]} == {"teacher.counter.params.shift"}
    assert row(found, "counter/memory/less")["gold_changed"] == 40
    project, runs = shared
    shown = project.deshi("compare", runs["old"], runs["taught"]).out.replace("\n", " ")
    assert "The gold of 40 of the 40 shared texts changed: the differences" in shown
    assert " → " in shown


def test_another_rewriter_is_said_to_have_worded_the_texts_otherwise(shared: Any) -> None:
    project, runs = shared
    plain = run(project, *SEEDS, "--set", 'matrix.rewriter="none"')
    found = project.deshi("compare", runs["old"], plain, "--format", "json").json
    assert row(found, "counter/memory/less")["text_changed"] == 40
    assert "matrix.rewriter" in {d["key"] for d in found["differs"]}
    shown = project.deshi("compare", runs["old"], plain).out.replace("\n", " ")
    assert "The wording of 40 of the 40 shared texts changed" in shown


def test_another_prompt_is_shown_and_moves_nothing_where_the_labels_stay(shared: Any) -> None:
    project, _ = shared
    words = (*SEEDS, "--set", "teacher.counter.prompt=p", "--workspace", "prompts")
    before, after = (
        run(project, *words, "--set", f"prompt.p.label={text}") for text in ("Label.", "Label it.")
    )
    ran = project.deshi("compare", before, after, "--workspace", "prompts", "--format", "json")
    assert ran.json["differs"] == [
        {"key": "teacher.counter.prompt.label", "old": "Label.", "new": "Label it."}
    ]
    same = row(ran.json, "counter/memory/less")
    assert same["gold_changed"] == 0
    assert (
        same["fixed_models"]["reason"] == "every run in both scores the same on every shared text"
    )


@pytest.mark.parametrize(
    ("metric", "verdicts"),
    [
        ("misses", {"worse"}),  # lower is better
        pytest.param("macro-f1", {"worse", "cannot tell"}, marks=pytest.mark.slow),  # sparse counts
    ],
)
def test_any_metric_with_a_better_side_may_be_the_primary_one(
    shared: Any, metric: str, verdicts: set[str]
) -> None:
    project, _ = shared
    words = (*SEEDS, "--set", f'benchmark.metrics=["{metric}"]')
    old, new = run(project, *words), run(project, *words, *ONE_EMOJI)
    found = project.deshi("compare", old, new, "--format", "json").json
    moved = row(found, "counter/memory/less")
    assert {moved["retrained_models"]["verdict"], moved["fixed_models"]["verdict"]} <= verdicts
    assert found["metric"] == metric
    assert all(abs(text["change"]) > 0 for text in found["texts"])


def test_runs_without_a_common_metric_are_refused(shared: Any) -> None:
    project, runs = shared
    other = run(project, *SEEDS, "--set", 'benchmark.metrics=["misses"]')
    assert project.deshi("compare", runs["old"], other).status == 0
    ran = project.deshi("compare", other, runs["old"])
    assert ran.status == 2
    assert "no metric 'hits'" in ran.err


def test_with_fewer_than_four_runs_only_these_models_get_a_verdict(compare: Any) -> None:
    moved = row(compare("old", "few"), "counter/memory/less")
    assert moved["retrained_models"]["verdict"] == "no verdict"
    assert moved["retrained_models"]["p"] is None
    assert "no test of retrained models is possible" in moved["retrained_models"]["reason"]
    assert moved["fixed_models"]["verdict"] == "worse"


def test_more_seeds_of_one_recipe_are_no_change(shared: Any) -> None:
    project, runs = shared
    more = run(project, "--set", "benchmark.seeds=5")
    ran = project.deshi("compare", runs["old"], more, "--format", "json")
    same = row(ran.json, "counter/memory/less")
    assert same["retrained_models"]["verdict"] == same["fixed_models"]["verdict"] == "no verdict"
    assert "the same models" in same["retrained_models"]["reason"]


def test_more_seeds_of_one_recipe_are_no_change_on_another_number_of_texts(shared: Any) -> None:
    project, runs = shared
    more = run(project, "--set", "benchmark.seeds=8", "--set", "benchmark.test=60")
    for names in ((runs["old"], more), (more, runs["old"])):
        found = project.deshi("compare", *names, "--format", "json").json
        same = row(found, "counter/memory/less")
        assert same["texts"] == 40
        assert (
            same["retrained_models"]["verdict"] == same["fixed_models"]["verdict"] == "no verdict"
        )
        assert "every run in both scores the same" in same["retrained_models"]["reason"]


@pytest.mark.parametrize(
    "words", [("--question", "fixed-models"), ("--metrics", "hits"), ("--allow-missing",)]
)
def test_an_option_that_says_nothing_about_two_runs_is_refused(
    shared: Any, words: tuple[str, ...]
) -> None:
    project, runs = shared
    ran = project.deshi("compare", runs["old"], runs["one"], *words)
    assert (ran.status, ran.out) == (2, "")
    assert f"{words[0]}: is not for two runs" in ran.err


def test_a_smaller_test_set_is_compared_on_what_both_judged(shared: Any) -> None:
    project, runs = shared
    larger = run(project, *SEEDS, *ONE_EMOJI, "--set", "benchmark.test=60")
    found = project.deshi("compare", larger, runs["old"], "--format", "json").json
    moved = row(found, "counter/memory/less")
    assert (moved["texts"], moved["retrained_models"]["verdict"]) == (40, "improved")
    assert row(found, "counter/fleeting")["fixed_models"]["verdict"] == "no verdict"


def test_rows_match_by_cell_where_an_axis_grew(shared: Any) -> None:
    project, runs = shared
    project.write(SMALL.replace("[matrix]", '[matrix]\ngold = ["own", "reference"]'), "gold.toml")
    ran = project.deshi("run", "gold.toml", "--quiet", "--format", "json", *SEEDS)
    found = project.deshi("compare", runs["old"], ran.json["run"], "--format", "json").json
    pairs = {(one["old_row"], one["row"]) for one in found["rows"]}
    assert ("counter/memory/less", "counter/memory/less/own") in pairs
    assert "counter/memory/less/reference" in found["only_new"]
    assert found["only_old"] == []
    assert {"matrix.gold", "benchmark.file"} <= {d["key"] for d in found["differs"]}


def test_texts_that_the_corpus_words_otherwise_are_not_shared(shared: Any) -> None:
    project, runs = shared
    project.write(SMALL.replace('"numbers"', '"sample"').replace('"toy"', '"none"'), "other.toml")
    ran = project.deshi("run", "other.toml", "--quiet", "--format", "json", *SEEDS)
    found = project.deshi("compare", runs["old"], ran.json["run"], "--format", "json").json
    moved = row(found, "counter/memory/less")
    assert (
        moved["retrained_models"]["reason"]
        == moved["fixed_models"]["reason"]
        == "no test text is shared"
    )
    assert (moved["texts"], moved["old"], moved["new"]) == (0, None, None)
    assert found["texts"] == []


def test_a_failed_row_is_listed_with_its_reason(shared: Any) -> None:
    project, runs = shared
    project.write(SMALL.replace('"fleeting"', '"clumsy"'), "clumsy.toml")
    ran = project.deshi("run", "clumsy.toml", "--quiet", "--format", "json", *SEEDS)
    found = project.deshi("compare", runs["old"], ran.json["run"], "--format", "json").json
    assert "the optimiser stumbled" in found["not_compared"]["counter/clumsy"]
    assert "derived from other predictions" in found["not_compared"]["counter/shuffled"]
    assert found["only_old"] == ["counter/fleeting"]


@pytest.mark.parametrize("form", ["csv", "markdown", "latex"])
def test_the_rows_come_in_every_format(shared: Any, form: str) -> None:
    project, runs = shared
    ran = project.deshi("compare", runs["old"], runs["one"], "--format", form)
    assert ran.status == 0
    assert "counter/memory/less" in ran.out
    if form == "csv":
        lines = {line["row"]: line for line in csv.DictReader(io.StringIO(ran.out))}
        assert lines["counter/memory/less"]["verdict"] == "worse"


def test_the_terminal_shows_all_three_sections(shared: Any) -> None:
    project, runs = shared
    shown = project.deshi("compare", runs["old"], runs["one"]).out
    for part in ("What differs between", "Which rows changed: hits ↑", "Which texts changed: hits"):
        assert part in shown
    assert "counter/constant (baseline)" in shown
    assert "p after Holm over 1 row." in shown


def test_a_lost_artefact_is_named_with_the_run_and_how_to_mend_it(
    shared: Any, tmp_path: Path
) -> None:
    project, runs = shared
    copy = tmp_path / "workspace"
    shutil.copytree(project.workspace, copy)
    shutil.rmtree(copy / "artefacts" / "score")
    ran = project.deshi("compare", runs["old"], runs["one"], "--workspace", str(copy))
    assert ran.status == 2
    assert f"run {runs['old']} lacks the artefact score/" in ran.err
    assert "deshi run bench.toml" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bench"], "1 names given"),
        (["{old}", "{old}"], "both are the run"),
        (["{old}", "bensh"], "no run 'bensh'"),
        (["{old}", "{one}", "--row", "memry"], "no row 'memry'; did you mean 'memory'?"),
        (["{old}", "{one}", "--claim", "memory > fleeting on hits"], "a claim is about one run"),
    ],
)
def test_wrong_names_are_refused(shared: Any, words: list[str], message: str) -> None:
    project, runs = shared
    ran = project.deshi("compare", *(word.format(**runs) for word in words))
    assert ran.status == 2
    assert message in ran.err
    assert ran.out == ""
