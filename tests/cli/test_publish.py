"""`deshi publish --to`: a folder with a fitted student, its pairs, and what must be said of both."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import sealed
from project import Project

ROW = "latest/counter/memory/less"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("publish"))
    made.write()
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    ran = made.deshi("publish", ROW, "--to", "out")
    assert ran.status == 0, ran.err
    return made


def results(project: Project) -> Any:
    (path,) = project.workspace.glob("runs/*/results.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def with_terms(project: Project) -> Iterator[Any]:
    """Change the terms that a run noted of an entry, for one test."""
    (path,) = project.workspace.glob("runs/*/results.json")
    kept = path.read_text(encoding="utf-8")

    def change(entry: str, terms: Any = "same", **more: Any) -> None:
        content = json.loads(kept)
        del content["sha256"]
        found = content["provenance"]["entries"][entry]
        if terms != "same":
            found["terms"] = terms and {**found["terms"], **terms}
        found.update(more)
        sealed.write(path, content)

    yield change
    path.write_text(kept, encoding="utf-8")


def test_the_folder_answers_as_the_run_does(project: Project) -> None:
    def answer(place: str) -> Any:
        return project.deshi("predict", place, "これは3", "--format", "json").json

    assert answer("out/model") == answer(ROW)


def test_the_card_has_the_figures_of_the_table_and_those_of_the_constant(project: Project) -> None:
    card = (project.folder / "out/model/README.md").read_text(encoding="utf-8")
    rows = {row["id"]: row for row in results(project)["rows"]}
    own, constant = rows["counter/memory/less"], rows["counter/constant"]
    for row in (own, constant):
        hits = row["metrics"]["hits"]
        known = hits["low"] is not None  # two training runs are too few for an interval
        ends = f"[{hits['low']:.3f}, {hits['high']:.3f}]" if known else "–"
        assert f"{hits['value']:.3f} | {ends} |" in card
    assert "Compared with the majority baseline, which predicts the same for every text: " in card
    assert "constant (baseline)" in card
    assert "agreement with a teacher, not quality" in card
    assert "$ deshi run bench.toml" in card
    assert "| teacher.counter | CC0-1.0 | allow | allow |  |" in card
    assert "label counter" in card
    assert f"deshi {results(project)['provenance']['deshi']}" in card


def test_the_cards_and_the_manifest_name_nothing_of_this_machine(project: Project) -> None:
    for path in (project.folder / "out").rglob("*"):
        if path.suffix in (".md", ".json"):
            assert str(project.folder) not in path.read_text(encoding="utf-8"), path


def test_the_pairs_are_those_that_were_learned_from(project: Project) -> None:
    pairs = {
        part: pq.read_table(project.folder / f"out/data/data/{part}.parquet").to_pylist()
        for part in ("train", "valid", "test")
    }
    assert {part: len(rows) for part, rows in pairs.items()} == {
        "train": 120, "valid": 20, "test": 40
    }  # fmt: skip
    assert set(pairs["train"][0]) == {"id", "document", "source", "text", "emoji", "samples"}
    documents = [{row["document"] for row in rows} for rows in pairs.values()]
    assert not documents[0] & documents[2]
    card = (project.folder / "out/data/README.md").read_text(encoding="utf-8")
    assert '"path": "data/train.parquet"' in card
    assert "| train | 120 |" in card


def test_pairs_come_as_json_lines_too_and_a_seed_is_chosen(project: Project) -> None:
    ran = project.deshi("publish", ROW, "--to", "again", "--pairs", "jsonl", "--seed", "1")
    assert ran.status == 0, ran.err
    lines = (project.folder / "again/data/data/test.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 40
    assert json.loads(lines[0])["emoji"]
    manifest = json.loads((project.folder / "again/model/deshi.json").read_text(encoding="utf-8"))
    assert (manifest["seed"], manifest["row"]) == (1, "counter/memory/less")


def test_an_earlier_publication_is_replaced_and_nothing_else(project: Project) -> None:
    folder = project.folder / "twice"
    for _ in range(2):
        assert project.deshi("publish", ROW, "--to", "twice", "--no-data").status == 0
    assert not (folder / "data").exists()
    shutil.rmtree(folder)
    (folder / "model").mkdir(parents=True)
    (folder / "model/thesis.txt").write_text("years of work", encoding="utf-8")
    ran = project.deshi("publish", ROW, "--to", "twice", "--no-data")
    assert ran.status == 2
    assert "is not empty" in ran.err
    assert (folder / "model/thesis.txt").exists()


@pytest.mark.parametrize("said", ["ask", "deny"])
def test_a_model_is_kept_here_unless_the_terms_or_a_note_allow_it(
    project: Project, with_terms: Any, said: str
) -> None:
    with_terms("teacher.counter", {"train_models": said})
    ran = project.deshi("publish", ROW, "--to", "denied")
    assert ran.status == 2
    assert f"teacher.counter on training models on it are '{said}' (CC0-1.0)" in ran.err
    assert not (project.folder / "denied").exists()
    ran = project.deshi("publish", ROW, "--to", "denied", "--permit", "They wrote us that we may.")
    assert ran.status == 0, ran.err
    for part in ("model", "data"):
        card = (project.folder / f"denied/{part}/README.md").read_text(encoding="utf-8")
        assert "**Permit.** They wrote us that we may." in card
        assert "| teacher.counter | CC0-1.0 |" in card
    shutil.rmtree(project.folder / "denied")


def test_pairs_that_may_not_be_given_on_can_be_left_out(project: Project, with_terms: Any) -> None:
    with_terms("corpus.numbers", {"redistribute": "deny"})
    ran = project.deshi("publish", ROW, "--to", "bare")
    assert ran.status == 2
    assert "corpus.numbers on redistribution are 'deny'" in ran.err
    assert "--no-data" in ran.err
    ran = project.deshi("publish", ROW, "--to", "bare", "--no-data")
    assert ran.status == 0, ran.err
    assert not (project.folder / "bare/data").exists()


def test_terms_that_nobody_knows_allow_nothing_and_a_loopback_address_has_none(
    project: Project, with_terms: Any
) -> None:
    with_terms("teacher.polite", None)
    ran = project.deshi("publish", ROW, "--to", "unknown")
    assert ran.status == 2
    assert "teacher.polite on training models on it are 'unknown'" in ran.err
    with_terms("teacher.polite", None, loopback=True)
    assert project.deshi("publish", ROW, "--to", "unknown").status == 0


def test_what_a_teacher_is_made_of_has_terms_of_its_own(project: Project, with_terms: Any) -> None:
    with_terms("teacher.counter", members=["counter-two", "polite"])
    ran = project.deshi("publish", ROW, "--to", "united")
    assert ran.status == 0, ran.err
    card = (project.folder / "united/model/README.md").read_text(encoding="utf-8")
    assert "| teacher.counter-two | CC0-1.0 | allow | allow |  |" in card
    with_terms("teacher.counter", members=["nobody"])
    ran = project.deshi("publish", ROW, "--to", "nobody")
    assert ran.status == 2
    assert "teacher.nobody on training" in ran.err


def test_a_note_that_permitted_training_permits_no_publication_but_is_in_the_card(
    project: Project, with_terms: Any
) -> None:
    with_terms("teacher.counter", {"train_models": "ask"}, permit="internal evaluation")
    ran = project.deshi("publish", ROW, "--to", "noted")
    assert ran.status == 2
    ran = project.deshi("publish", ROW, "--to", "noted", "--permit", "We asked.")
    assert ran.status == 0, ran.err
    card = (project.folder / "noted/model/README.md").read_text(encoding="utf-8")
    assert "| ask | allow | internal evaluation |" in card


def test_what_cannot_be_published_is_refused_with_what_to_do(project: Project) -> None:
    ran = project.deshi("publish", "latest/counter/fleeting", "--to", "none")
    assert ran.status == 2
    assert "it cannot be saved" in ran.err
    ran = project.deshi("publish", ROW)
    assert ran.status == 2
    assert "give a target" in ran.err
    assert not Path(project.folder / "none").exists()


@pytest.fixture
def judged(project: Project, with_terms: Any) -> Any:
    """Change what a run found of the row beside the constant, and return what `publish` says then."""

    def publish(*, reads: float, minus: float, p: float | None, emoji: float) -> tuple[Any, str]:
        with_terms("teacher.counter")
        (path,) = project.workspace.glob("runs/*/results.json")
        content = sealed.read(path)
        ids = ["counter/memory/less", "counter/constant"]
        (row,) = (one for one in content["rows"] if one["id"] == ids[0])
        row["input_dependence"] = {"value": 0.0, "p": reads}
        row["metrics"]["effective-emoji"]["value"] = emoji
        made = {
            **content["comparisons"][0], "a": ids[0], "b": ids[1], "question": "retrained-models",
            "difference": minus, "low": minus - 0.07, "high": minus + 0.07, "p": p, "p_holm": p,
            "reason": "" if p else "two runs are too few",
        }  # fmt: skip
        others = [one for one in content["comparisons"] if {one["a"], one["b"]} != set(ids)]
        content["comparisons"] = [*others, made]
        sealed.write(path, content)
        ran = project.deshi("publish", ROW, "--to", "judged")
        assert ran.status == 0, ran.err
        said = [line.partition(f"warning: {ids[0]}: ")[2] for line in ran.err.splitlines()]
        return said, (project.folder / "judged/model/README.md").read_text(encoding="utf-8")

    return publish


def test_what_speaks_against_a_row_is_said_on_the_terminal_as_in_the_card(judged: Any) -> None:
    said, card = judged(reads=0.4, minus=0.13, p=0.2, emoji=0.5)
    assert len(said) == 3
    assert said[0].endswith("it ignores its input, as far as this test shows (p 0.400).")
    assert said[1].startswith("It is not shown to beat the majority baseline")
    assert "collapsed onto few emoji" in said[2]
    assert all(f"**{line}**" in card for line in said)


def test_of_a_good_row_nothing_is_said_but_how_far_it_is_from_the_baseline(judged: Any) -> None:
    said, card = judged(reads=0.001, minus=0.13, p=0.012, emoji=9.0)
    assert said == []
    assert (
        "Compared with the majority baseline, which predicts the same for every text: hits is 0.130 "
        "better (+0.130, 95 % interval [+0.060, +0.200], p 0.012)." in card
    )


@pytest.mark.parametrize(
    ("p", "told"), [(0.012, "p 0.012"), (None, "not tested: two runs are too few")]
)
def test_a_row_below_the_majority_baseline_says_so(judged: Any, p: float | None, told: str) -> None:
    said, card = judged(reads=0.001, minus=-0.13, p=p, emoji=9.0)
    assert said == [
        (
            "It lies below the majority baseline, which predicts the same for every text: hits is 0.130 worse "
            f"(-0.130, 95 % interval [-0.200, -0.060], {told})."
        )
    ]
    assert f"**{said[0]}**" in card
    assert ", p –" not in card
