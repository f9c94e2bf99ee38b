"""docs/misleading.md: every planted way to mislead is caught by default, by what the page runs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from deshi.workspace.store import Store

SCRIPTS = Path(__file__).parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import misleading  # noqa: E402

pytestmark = pytest.mark.slow

CASES = {case.title: case for case in misleading.cases(misleading.PAGE.read_text(encoding="utf-8"))}


@dataclass(frozen=True)
class Shown:
    """What a case printed, and its results."""

    status: int
    text: str
    results: Any
    workspace: Path

    @property
    def rows(self) -> dict[str, Any]:
        return {row["id"]: row for row in self.results["rows"]}

    def value(self, row: str, metric: str = "jaccard") -> float:
        found: float = self.rows[row]["metrics"][metric]["value"]
        return found

    def retrained(self, a: str, b: str) -> Any:
        return next(
            c
            for c in self.results["comparisons"]
            if c["question"] == "retrained-models" and {c["a"], c["b"]} == {a, b}
        )


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Shown]:
    """Return what runs a case of the page; all share a workspace."""
    folder = tmp_path_factory.mktemp("misleading")

    def shown(title: str) -> Shown:
        done = misleading.run(CASES[title], folder)
        assert done.returncode in (0, 1), done.stderr
        newest = max(folder.glob(".deshi/runs/*/results.json"), key=lambda p: p.stat().st_mtime_ns)
        results = json.loads(newest.read_text(encoding="utf-8"))
        return Shown(done.returncode, " ".join(done.stdout.split()), results, folder / ".deshi")

    return shown


def test_a_constant_in_disguise_fails_the_input_test_and_does_not_beat_the_constant(show) -> None:
    shown = show("A constant answer")
    assert shown.rows["lexicon-faces/parrot"]["input_dependence"]["p"] > 0.05
    assert "parrot is not shown to beat the majority baseline" in shown.text
    assert "Nothing shows that the predictions of parrot depend on the text" in shown.text


def test_shuffled_labels_leave_no_row_above_the_constant(show) -> None:
    shown = show("Labels that have nothing to do with the text")
    assert shown.value("blindfold/linear/bce") > 0.3  # it looks like something
    assert "No row is shown to beat the majority baseline" in shown.text
    told = " ".join(shown.text.split())
    assert re.search(r"the predictions of (knn and linear/bce|linear/bce and knn) depend on", told)


def test_one_article_on_both_sides_is_split_by_document_or_warned_of(show) -> None:
    shown = show("One article on both sides")
    honest, torn = (shown.rows[f"{c}serials/lexicon/knn"] for c in ("", "torn-"))
    assert shown.value(torn["id"]) > 3 * shown.value(honest["id"])
    assert honest["group"] != torn["group"]
    assert honest["n_documents"] == 10
    (warning,) = [w for w in shown.results["warnings"] if "a document of its own" in w]
    assert "torn-serials" in warning


def test_near_copies_that_differ_in_width_punctuation_or_emoji_are_dropped(show) -> None:
    shown = show("Copies of test texts in the training part")
    dropped = shown.results["data"][0]["dropped"]["split: near-test"]
    assert dropped > 20
    assert f"near-test: {dropped} training or validation texts" in shown.text


def test_a_narrowed_alphabet_is_judged_on_the_full_test_and_ranked_with_the_rest(show) -> None:
    shown = show("A test narrowed together with the alphabet")
    full, narrow = (shown.rows[f"{chain}/lexicon/knn"] for chain in ("seed", "narrow"))
    assert full["group"] == narrow["group"]
    assert full["n_test"] == narrow["n_test"] == 150
    assert narrow["n_reachable"] < full["n_reachable"] < 150
    inside = [row["metrics"]["jaccard"]["restricted"] for row in (full, narrow)]
    assert inside[1] > inside[0]  # by this figure it would have won
    assert shown.value(narrow["id"]) < shown.value(full["id"])
    assert "never ranked" in shown.text


@pytest.mark.parametrize(
    ("title", "runs"), [("One seed", "one run"), ("Three seeds called significant", "3 runs")]
)
def test_too_few_seeds_name_no_winner(show, title: str, runs: str) -> None:
    shown = show(title)
    pair = shown.retrained("lexicon/linear/bce", "lexicon/linear/zlpr")
    assert pair["p"] is None
    assert "No winner can be named. Not tested: " in shown.text
    assert f"(no test of retrained models is possible with {runs}; it needs 4 seeds" in shown.text
    assert shown.rows["lexicon/linear/bce"]["tie_group"] is None
    assert "wins" not in shown.text


def test_one_seed_shows_the_interval_of_the_smaller_question_and_says_so(show) -> None:
    shown = show("One seed")
    assert shown.rows["lexicon/linear/bce"]["metrics"]["jaccard"]["question"] == "fixed-models"
    assert "]†" in shown.text
    assert "†: these fixed models on new texts" in shown.text


@pytest.mark.slow
def test_the_best_of_twenty_equal_rows_wins_nothing(show) -> None:
    shown = show("The best of twenty equal rows")
    twins = [row for row in shown.results["rows"] if row["cell"]["student"].startswith("twin")]
    assert len(twins) == 20
    shared = set.intersection(*(set(row["tie_group"]) for row in twins))
    assert shared
    assert "No winner:" in shown.text


@pytest.mark.slow
def test_losses_are_never_compared_and_rows_are(show) -> None:
    shown = show("Losses of different units")
    assert "train-loss" not in json.dumps(shown.results)
    assert shown.retrained("lexicon/linear/ce", "lexicon/linear/focal")["metric"] == "jaccard"


def test_repetition_that_sets_hide_stands_beside_the_score(show) -> None:
    shown = show("Repetition that sets hide")
    assert shown.value("lexicon/stutterer", "repetition") == pytest.approx(0.8)
    assert shown.value("lexicon/stutterer", "multiset-jaccard") < shown.value("lexicon/stutterer")
    assert "repetition ↓" in shown.text


def test_noise_and_words_raise_no_rank(show) -> None:
    shown = show("Diversity by noise, or by what is no emoji")
    scatter, knn = "lexicon/scatter", "lexicon/knn"
    assert shown.value(scatter, "effective-emoji") > shown.value(knn, "effective-emoji")
    assert shown.value(scatter) < shown.value(knn)
    prose = shown.rows["lexicon/prose"]["metrics"]
    assert prose["non-emoji"]["value"] == 1
    assert prose["effective-emoji"]["value"] is None
    assert prose["jaccard"]["value"] == 0
    assert "non-emoji ↓" in shown.text


def test_a_failed_run_fails_its_row_and_enters_no_figure(show) -> None:
    shown = show("Failed runs averaged away")
    row = shown.rows["lexicon/stumbler"]
    assert shown.status == 1
    assert (row["status"], row["metrics"], row["tie_group"]) == ("failed", {}, None)
    assert "FloatingPointError: loss is NaN (1 of 5 runs)" in shown.text
    assert not any(row["id"] in (c["a"], c["b"]) for c in shown.results["comparisons"])
    assert "Failed, and left out of every figure: stumbler." in shown.text


def test_what_a_student_may_know_comes_from_training_labels_alone(show) -> None:
    shown = show("A test narrowed together with the alphabet")
    (name,) = (p.parent for p in shown.workspace.glob("runs/a-test-narrowed*/plan.json"))
    plan = json.loads((name / "plan.json").read_text(encoding="utf-8"))
    for row in ("seed/lexicon/knn", "narrow/lexicon/knn"):
        planned = plan["rows"][row]
        pairs = pq.read_table(folder(shown, planned["label"]) / "pairs.parquet").to_pylist()
        gold = {
            part: {e for p in pairs if p["part"] == part and p["kept"] for e in p["samples"][0]}
            for part in ("train", "test")
        }
        fit = folder(shown, planned["runs"][0]["stages"][0])
        alphabet = set(json.loads((fit / "alphabet.json").read_text(encoding="utf-8")))
        assert alphabet == gold["train"]
        assert gold["test"] - alphabet  # emoji that only test labels have


@pytest.mark.slow
def test_another_teachers_stored_answers_are_never_taken(show, tmp_path: Path) -> None:
    case = CASES["Labels that have nothing to do with the text"]
    small = ("--set", 'matrix.student="knn"')
    first = misleading.run(case, tmp_path, *small)
    other = misleading.run(case, tmp_path, *small, "--set", "teacher.blindfold.params.seed=1")
    assert first.returncode == other.returncode == 0, other.stderr
    asked = [
        json.loads(path.read_text(encoding="utf-8"))["figures"]
        for path in tmp_path.glob(".deshi/artefacts/label/*/*/manifest.json")
    ]
    assert len(asked) == 2
    labels = [figures["parts"]["train"] + 60 + 150 for figures in asked]
    assert all(f["asked"] >= n for f, n in zip(asked, labels, strict=True))


def folder(shown: Shown, address: str) -> Path:
    """Return where an artefact lies."""
    return Store(shown.workspace).folder(address)


@pytest.mark.slow
def test_the_page_shows_what_its_benchmarks_print(tmp_path: Path) -> None:
    stale = [c.title for c in CASES.values() if misleading.shown(c, tmp_path) != c.shown]
    assert not stale, "run `python scripts/misleading.py`"
