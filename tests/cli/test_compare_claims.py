"""`deshi compare --claim`: exit 0 when the evidence carries every claim, 1 when not, 2 when it is none."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import sealed
from project import BENCHMARK, Project, Ran

TWO_TEACHERS = (
    BENCHMARK.replace("seeds = 2", "seeds = 4")
    .replace('"memory"', '{ use = "memory", most = [1, 2] }')
    .replace('["nothing", "less"]', '"less"')
)
ONE, TWO = "counter/memory(most=1)/less", "counter/memory(most=2)/less"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one run of two teachers and four seeds."""
    made = Project(tmp_path_factory.mktemp("claims"))
    made.write(TWO_TEACHERS)
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


def claim(project: Project, *claims: str, more: tuple[str, ...] = ()) -> Ran:
    words = [word for one in claims for word in ("--claim", one)]
    return project.deshi("compare", *words, *more)


def judged(project: Project, *claims: str, more: tuple[str, ...] = ()) -> tuple[int, Any]:
    ran = claim(project, *claims, more=(*more, "--format", "json"))
    assert ran.err == ""
    return ran.status, ran.json["claims"]


def results(project: Project) -> Any:
    (path,) = project.workspace.glob("runs/*/results.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_claim_that_the_evidence_carries_leaves_with_0(project: Project) -> None:
    ran = claim(project, f"{TWO} > {ONE} on hits")
    assert ran.status == 0
    assert ran.out.startswith(f'Carried: "{TWO} > {ONE} on hits". {TWO} is better than {ONE} by 0.')
    assert "For retrained models on new texts the test gives p" in ran.out
    assert "after Holm over 6 pairs" in ran.out


def test_the_figures_are_those_of_the_table(project: Project) -> None:
    for question in ("retrained-models", "fixed-models"):
        _, (found,) = judged(project, f"{TWO} > {ONE} on hits", more=("--question", question))
        shown = next(
            c
            for c in results(project)["comparisons"]
            if {c["a"], c["b"]} == {ONE, TWO} and c["question"] == question
        )
        assert found["p_holm"] == shown["p_holm"]
        assert found["smallest_detectable"] == shown["smallest_detectable"]
        assert abs(found["difference"]) == abs(shown["difference"])
        assert found["question"] == question


def test_the_same_claim_the_other_way_round_is_refused_with_1(project: Project) -> None:
    status, (found,) = judged(project, f"{ONE} > {TWO} on hits")
    assert status == 1
    assert found["p_holm"] < 0.05
    assert found["difference"] < 0
    assert "is worse than" in found["sentence"]


def test_lower_is_better_turns_a_claim_round(project: Project) -> None:
    status, (found,) = judged(project, f"{TWO} > {ONE} on misses")
    assert status == 0
    assert found["difference"] < 0
    assert "lower is better" in found["sentence"]


def test_one_refused_claim_of_several_leaves_with_1(project: Project) -> None:
    status, found = judged(
        project, f"{TWO} > {ONE} on hits", "counter/fleeting > counter/constant on hits"
    )
    assert status == 1
    assert [one["carried"] for one in found] == [True, False]


def test_a_margin_makes_a_claim_harder(project: Project) -> None:
    _, (plain,) = judged(project, f"{TWO} > {ONE} on hits")
    status, (by,) = judged(project, f"{TWO} > {ONE} by 0.001 on hits")
    assert status == 0
    assert by["p"] > plain["p"]
    beyond = plain["difference"] - 0.01
    status, (found,) = judged(project, f"{TWO} > {ONE} by {beyond} on hits")
    assert status == 1
    assert "would detect a difference of this size beyond the margin" in found["sentence"]
    status, (found,) = judged(project, f"{TWO} > {ONE} by 0.9 on hits")
    assert (status, found["p_holm"]) == (1, 1.0)
    assert "not larger than the margin" in found["sentence"]


def test_a_refused_claim_says_what_would_decide_it(project: Project) -> None:
    text = f"{TWO} > counter/fleeting on hits"
    status, (found,) = judged(project, text, more=("--question", "fixed-models"))
    assert status == 1
    assert found["difference"] > 0
    assert (found["texts"], found["seeds_needed"]) == (40, None)
    assert found["texts_needed"] > 40
    assert f"About {found['texts_needed']:,} texts like these would detect" in found["sentence"]
    status, (found,) = judged(project, text)
    assert status == 1
    assert "would detect a difference of this size" in found["sentence"]


def test_rows_of_different_groups_are_refused_with_the_reason(project: Project) -> None:
    status, (found,) = judged(project, f"{TWO} > counter-two/fleeting on hits")
    assert status == 1
    assert found["p"] is None
    assert "different comparison groups" in found["reason"]
    assert "counter's and counter-two's" in found["sentence"]


def test_fewer_than_four_runs_are_refused_and_these_models_can_be_asked_about(
    project: Project,
) -> None:
    words = ("--workspace", "few")
    ran = project.deshi("run", "bench.toml", "--quiet", "--set", "benchmark.seeds=3", *words)
    assert ran.status == 0
    status, (found,) = judged(project, f"{TWO} > {ONE} on hits", more=words)
    assert status == 1
    assert "no test of retrained models is possible with 3 runs" in found["reason"]
    assert found["seeds_needed"] == 4
    assert "benchmark.seeds to at least 4" in found["sentence"]
    status, _ = judged(
        project, f"{TWO} > {ONE} on hits", more=(*words, "--question", "fixed-models")
    )
    assert status == 0


def test_a_row_that_failed_carries_nothing(project: Project) -> None:
    project.write(BENCHMARK.replace('"memory"', '"clumsy"'), "failing.toml")
    words = ("--workspace", "failed")
    assert project.deshi("run", "failing.toml", "--quiet", *words).status == 1
    status, (found,) = judged(project, "counter/fleeting > counter/clumsy on hits", more=words)
    assert status == 1
    assert "the optimiser stumbled" in found["reason"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("memory", ["is not a claim", "A > B on METRIC"]),
        ("a = b on hits", ["equality cannot be claimed", "no evidence of equality", "by 0.01"]),
        ("a > b on hist", ["no metric 'hist'", "did you mean 'hits'?"]),
        ("counter/fleeing > counter/constant on hits", ["no row 'counter/fleeing'", "did you mean 'counter/fleeting'?"]),
        ("fleeting > counter/constant on hits", ["'fleeting' could be counter-two/fleeting or counter/fleeting"]),
        ("counter/fleeting > counter/fleeting on hits", ["both sides are counter/fleeting"]),
        ("counter/fleeting > counter/constant on effective-emoji", ["has no better side"]),
    ],
)  # fmt: skip
def test_what_is_no_claim_or_names_nothing_leaves_with_2(
    project: Project, text: str, parts: list[str]
) -> None:
    ran = claim(project, text)
    assert (ran.status, ran.out) == (2, "")
    assert f"--claim '{text}'" in ran.err or "no metric" in ran.err
    for part in parts:
        assert part in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("--metrics", "hits"),
        ("--row", "memory"),
        ("--texts", "3"),
        ("--allow-missing",),
        ("--wide",),
    ],
)
def test_an_option_that_says_nothing_about_a_claim_is_refused(
    project: Project, words: tuple[str, ...]
) -> None:
    ran = claim(project, f"{TWO} > {ONE} on hits", more=words)
    assert (ran.status, ran.out) == (2, "")
    assert f"{words[0]}: is not for a claim" in ran.err


def test_a_claim_without_a_run_says_so(tmp_path: Path) -> None:
    ran = claim(Project(tmp_path), "a > b on hits")
    assert ran.status == 2
    assert "there is no run yet" in ran.err


@pytest.mark.parametrize("form", ["csv", "markdown", "latex"])
def test_claims_come_in_every_format_with_their_sentence(project: Project, form: str) -> None:
    ran = claim(project, f"{TWO} > {ONE} on hits", more=("--format", form))
    assert ran.status == 0
    assert "Carried:" in ran.out
    if form == "csv":
        (line,) = csv.DictReader(io.StringIO(ran.out))
        assert line["carried"] == "True"
        assert line["pairs"] == "6"


def test_a_run_that_another_revision_of_the_metric_scored_is_refused(
    project: Project, tmp_path: Path
) -> None:
    copy = tmp_path / "workspace"
    shutil.copytree(project.workspace, copy)
    for manifest in copy.glob("artefacts/score/*/*/manifest.json"):
        text = json.dumps(sealed.read(manifest))
        sealed.write(manifest, json.loads(text.replace('"revision": 1', '"revision": 0')))
    ran = claim(project, f"{TWO} > {ONE} on hits", more=("--workspace", str(copy)))
    assert ran.status == 2
    assert "metric 'hits' has changed since this run was scored" in ran.err
    assert "deshi run bench.toml" in ran.err
