"""`deshi compare --gold G A B`: two files of predictions, and the published claim that is refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from project import Project, Ran

GOLD = ["🍎", "🐈", "🚗", "🎵", "🔥"]
OTHER = ["😀", "📚", "🎉", "⚾", "🌸"]

PUBLISHED = (
    (9, 15, 1, 1, 0),
    (1, 19, 23, 0, 0),
    (13, 14, 21, 1, 0),
    (2, 0, 8, 3, 1),
    (0, 1, 0, 0, 1),
)
"""How many of 134 texts `focal` answers with so many right emoji of five (the line) where `ce` has so
many (the column): Jaccard 0, 1/9, 1/4, 3/7 or 2/3. It matches the published means and spreads."""


def answer(right: int) -> list[str]:
    return GOLD[:right] + OTHER[right:]


def write(path: Path, answers: Sequence[Any], documents: Sequence[str] = ()) -> str:
    lines = []
    for at, emoji in enumerate(answers):
        line = {"id": str(at), "emoji": emoji}
        lines.append(line | ({"document": documents[at]} if documents else {}))
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path.name


def published() -> list[tuple[int, int]]:
    return [
        (focal, ce)
        for focal, line in enumerate(PUBLISHED)
        for ce, count in enumerate(line)
        for _ in range(count)
    ]


def files(
    project: Project, rights: Sequence[tuple[int, int]], documents: Sequence[str] = ()
) -> list[str]:
    gold = write(project.folder / "gold.jsonl", [GOLD] * len(rights), documents)
    focal = write(project.folder / "focal.jsonl", [answer(a) for a, _ in rights])
    ce = write(project.folder / "ce.jsonl", [answer(b) for _, b in rights])
    return ["--gold", gold, focal, ce]


def compare(project: Project, words: Sequence[str], *more: str) -> Ran:
    return project.deshi("compare", *words, *more)


def found(project: Project, words: Sequence[str], *more: str) -> Any:
    ran = compare(project, words, "--format", "json", *more)
    assert ran.err == ""
    return ran.json


def test_focal_beats_cross_entropy_is_refused_as_published(project: Project) -> None:
    rights = published()
    words = files(project, rights)
    jaccard = np.array([0, 1 / 9, 1 / 4, 3 / 7, 2 / 3])
    differences = np.array([jaccard[a] - jaccard[b] for a, b in rights])
    assert len(rights) == 134
    assert differences.std(ddof=1) == pytest.approx(0.149, abs=5e-4)

    ran = compare(project, words, "--format", "json", "--claim", "focal > ce on jaccard")
    assert ran.status == 1
    (claim,) = ran.json["claims"]
    row = next(row for row in ran.json["rows"] if row["metric"] == "jaccard")
    assert (row["a_value"], row["b_value"]) == (
        pytest.approx(0.1816, abs=5e-4),
        pytest.approx(0.1652, abs=5e-4),
    )
    assert row["difference"] == pytest.approx(0.0164, abs=1e-4)
    standard_error = (row["high"] - row["low"]) / 2 / 1.978  # t with 133 degrees of freedom
    assert standard_error == pytest.approx(0.0129, abs=2e-4)
    assert row["difference"] / standard_error == pytest.approx(1.27, abs=0.02)
    assert row["p"] == pytest.approx(0.20, abs=0.02)
    assert row["smallest_detectable"] == pytest.approx(0.036, abs=5e-4)
    assert row["texts_needed"] == pytest.approx(650, rel=0.02)
    assert not claim["carried"]
    assert claim["sentence"].startswith(
        'Refused: "focal > ce on jaccard". focal is better than ce by 0.0163'
    )
    assert "texts like these would detect a difference of this size" in claim["sentence"]


def test_five_times_as_many_such_texts_carry_the_claim(project: Project) -> None:
    words = files(project, published() * 5)
    ran = compare(project, words, "--claim", "focal > ce on jaccard")
    assert ran.status == 0
    assert 'Carried: "focal > ce on jaccard"' in ran.out


def test_the_output_says_what_two_files_cannot_tell(project: Project) -> None:
    out = compare(project, files(project, published())).out.replace("\n", " ")
    assert "Two files cannot show how retrained models would differ" in out
    assert "Texts are taken as independent: the gold names no `document`" in out
    ran = compare(project, files(project, published()), "--question", "retrained-models")
    assert ran.status == 2
    assert "two files hold fixed models: nothing was retrained" in ran.err


def test_texts_of_one_document_are_not_independent(project: Project) -> None:
    rights = published() * 2
    alone = found(project, files(project, rights))["rows"][0]
    documents = [f"d{at % 134}" for at in range(len(rights))]
    together = found(project, files(project, rights, documents))["rows"][0]
    once = found(project, files(project, published()))["rows"][0]
    assert together["difference"] == pytest.approx(alone["difference"])
    assert together["high"] - together["low"] > 1.3 * (alone["high"] - alone["low"])
    assert together["p"] == pytest.approx(once["p"], abs=0.02)
    out = compare(project, files(project, rights, documents)).out
    assert "Texts belong to 134 documents" in out


def test_a_document_for_some_lines_only_is_refused(project: Project) -> None:
    words = files(project, [(1, 1), (2, 2)], ["d", "e"])
    gold = project.folder / "gold.jsonl"
    gold.write_text(
        gold.read_text(encoding="utf-8").replace(', "document": "e"', ""), encoding="utf-8"
    )
    ran = compare(project, words)
    assert ran.status == 2
    assert "gold.jsonl:2: has no document, and other lines have one" in ran.err


def test_the_order_of_the_lines_does_not_matter(project: Project) -> None:
    words = files(project, published())
    before = found(project, words)
    path = project.folder / "ce.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(reversed(lines)) + "\n", encoding="utf-8")
    assert found(project, words) == before


def test_equal_files_do_not_differ(project: Project) -> None:
    row = found(project, files(project, [(2, 2), (3, 3), (1, 1)] * 10))["rows"][0]
    assert (row["difference"], row["p"], row["texts_needed"]) == (0, 1, None)
    assert row["low"] is None is row["smallest_detectable"]


def test_one_text_has_no_test(project: Project) -> None:
    ran = compare(project, files(project, [(4, 1)]), "--claim", "focal > ce on jaccard")
    assert ran.status == 1
    assert "There is no test: one document" in ran.out


def test_five_documents_refuse_a_claim_however_far_apart_the_files_are(project: Project) -> None:
    rights = [(5, at % 2) for at in range(120)]
    five, six = ([f"d{at % number}" for at in range(120)] for number in (5, 6))
    claim = ("--claim", "focal > ce on jaccard")
    words = files(project, rights, five)
    ran = compare(project, words, *claim)
    shown = " ".join(ran.out.split())
    assert ran.status == 1
    why = "5 documents allow no p below 0.0625; it needs at least 6"
    assert f"There is no test: {why}. More or other test documents could decide it." in shown
    assert f"No test of jaccard, micro-f1, exact-match: {why}." in shown
    row = found(project, words)["rows"][0]
    assert row["difference"] > 0.7
    for figure in ("p", "p_holm", "smallest_detectable", "texts_needed"):
        assert row[figure] is None
    assert compare(project, files(project, rights, six), *claim).status == 0


def test_no_interval_of_a_difference_leads_beyond_what_the_metric_can_be(project: Project) -> None:
    rights = [(5, 0)] * 118 + [(0, 0)] * 2
    words = files(project, rights, [f"d{at % 7}" for at in range(120)])
    row = found(project, words, "--metrics", "exact-match")["rows"][0]
    assert row["difference"] < row["high"] == 1.0


def test_a_claim_about_two_files_comes_in_every_format(project: Project) -> None:
    words = files(project, published())
    for form in ("csv", "markdown", "latex"):
        ran = compare(project, words, "--format", form, "--claim", "focal > ce on jaccard")
        assert ran.status == 1
        assert "Refused:" in ran.out
        if form == "csv":
            (line,) = csv.DictReader(io.StringIO(ran.out))
            assert (line["claim"], line["carried"]) == ("focal > ce on jaccard", "False")


def test_a_file_may_be_called_as_a_claim_is_written(project: Project) -> None:
    files(project, published() * 5)
    (project.folder / "focal.jsonl").rename(project.folder / "F by me.jsonl")
    (project.folder / "ce.jsonl").rename(project.folder / "ce = 1 > 0.jsonl")
    words = ["--gold", "gold.jsonl", "F by me.jsonl", "ce = 1 > 0.jsonl"]
    assert compare(project, words, "--claim", "F by me > ce = 1 > 0 on jaccard").status == 0
    assert compare(project, words, "--claim", "ce = 1 > 0 > F by me on jaccard").status == 1


@pytest.mark.parametrize("option", [("--row", "a"), ("--texts", "10"), ("--workspace", "w")])
def test_an_option_that_says_nothing_about_files_is_refused(
    project: Project, option: tuple[str, str]
) -> None:
    ran = compare(project, files(project, [(1, 2), (2, 1)]), *option)
    assert (ran.status, ran.out) == (2, "")
    assert f"{option[0]}: is not for two files" in ran.err
    assert "it belongs to two runs (deshi compare OLD NEW)" in ran.err


def test_lower_is_better_and_no_better_side(project: Project) -> None:
    words = files(project, published() * 5)
    metrics = ("--metrics", "js-divergence,effective-emoji")
    rows = found(project, words, *metrics)["rows"]
    assert [(row["metric"], row["direction"]) for row in rows] == [
        ("js-divergence", "lower"),
        ("effective-emoji", "none"),
    ]
    ran = compare(project, words, "--claim", "focal > ce on effective-emoji")
    assert ran.status == 2
    assert "has no better side" in ran.err


def test_missing_answers_are_refused_or_left_out_of_both(project: Project) -> None:
    words = files(project, published())
    write(project.folder / "ce.jsonl", [answer(b) for _, b in published()][:100])
    ran = compare(project, words)
    assert ran.status == 2
    assert "no prediction for 34 of 134 ids" in ran.err
    ran = compare(project, words, "--allow-missing")
    assert "focal and ce on 100 texts" in ran.out
    assert "34 gold texts are left out" in ran.out


def test_files_of_one_stem_are_told_apart_by_their_paths(project: Project) -> None:
    files(project, published() * 5)
    for name in ("focal", "ce"):
        (project.folder / name).mkdir()
        (project.folder / f"{name}.jsonl").rename(project.folder / name / "answers.jsonl")
    ran = compare(
        project,
        ["--gold", "gold.jsonl", "focal/answers.jsonl", "ce/answers.jsonl"],
        "--claim",
        "focal > ce on jaccard",
    )
    assert ran.status == 0
    assert "focal/answers.jsonl is better than ce/answers.jsonl" in ran.out.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["focal.jsonl"], "1 names given"),
        (["focal.jsonl", "focal.jsonl"], "is named twice"),
        (["focal.jsonl", "none.jsonl"], "none.jsonl: cannot be read"),
        (["focal.jsonl", "ce.jsonl", "--metrics", "jacard"], "did you mean 'jaccard'?"),
        (["focal.jsonl", "ce.jsonl", "--claim", "vocal > ce on jaccard"], "did you mean 'focal'?"),
        (["focal.jsonl", "ce.jsonl", "--claim", "ce > ce on jaccard"], "both sides are ce"),
    ],
)
def test_wrong_files_and_names_are_refused(
    project: Project, words: list[str], message: str
) -> None:
    files(project, [(1, 2), (2, 1)])
    ran = compare(project, ["--gold", "gold.jsonl", *words])
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err


@pytest.mark.parametrize("form", ["csv", "markdown", "latex"])
def test_files_compare_in_every_format(project: Project, form: str) -> None:
    words = files(project, published())
    ran = compare(project, words, "--format", form)
    assert ran.status == 0
    assert "exact-match" in ran.out
    if form == "csv":
        lines = list(csv.DictReader(io.StringIO(ran.out)))
        assert [line["metric"] for line in lines] == ["jaccard", "micro-f1", "exact-match"]
        assert float(lines[0]["focal"]) == pytest.approx(0.1818, abs=1e-4)
