"""`deshi agree`: a file a rater in, kappa and alpha with intervals out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from project import Project


def write(project: Project, name: str, ratings: list[Any]) -> str:
    lines = [json.dumps({"id": at, "rating": r}) for at, r in enumerate(ratings)]
    Path(project.folder / name).write_text("\n".join(lines), encoding="utf-8")
    return name


def agree(project: Project, *files: str) -> dict[str, Any]:
    ran = project.deshi("agree", *files, "--format", "json")
    assert ran.status == 0, ran.err
    return {line["statistic"]: line for line in ran.json}


def test_three_raters_with_gaps(project: Project) -> None:
    files = [
        write(project, f"{name}.jsonl", ratings)
        for name, ratings in (
            ("ann", [4, 0, 2, 3, 1]),
            ("ben", [4, 1, 2, 3, 0]),
            ("cem", [3, 0, None, 3, 1]),
        )
    ]
    found = agree(project, *files)
    assert found["Krippendorff's alpha, ordinal"]["value"] == pytest.approx(0.8847, abs=5e-5)
    assert found["Krippendorff's alpha, nominal"]["items"] == 5
    assert found["Fleiss' kappa"]["items"] == 4
    assert "Cohen's kappa" not in found
    alpha = found["Krippendorff's alpha, interval"]
    assert alpha["low"] <= alpha["value"] <= alpha["high"] <= 1


def test_a_judge_in_both_orders(project: Project) -> None:
    first = write(project, "first.jsonl", ["A", "A", "B", "tie"])
    again = write(project, "again.jsonl", ["A", "B", "B", "A"])
    found = agree(project, first, again)
    assert found["win rate of A, ties as halves"]["value"] == 0.5
    assert found["same verdict in both orders"]["value"] == 0.5
    assert found["p of the sign test, ties left out"]["value"] == 1
    assert "Krippendorff's alpha, ordinal" not in found  # words have no order


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ('{"id": 1, "rating": "good"}', "ratings mix numbers and words"),
        ('{"id": 9, "rating": 3}', "no item has two ratings"),
        ('{"id": 1, "rating": 3}\n{"id": 1, "rating": 4}', "occurs twice"),
        ('{"id": 1}', "two.jsonl:1"),
    ],
)
def test_wrong_files_are_told(project: Project, second: str, said: str) -> None:
    (project.folder / "one.jsonl").write_text('{"id": 1, "rating": 2}', encoding="utf-8")
    (project.folder / "two.jsonl").write_text(second, encoding="utf-8")
    ran = project.deshi("agree", "one.jsonl", "two.jsonl")
    assert ran.status == 2
    assert said in ran.err
