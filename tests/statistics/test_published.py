"""Published figures of small test sets, from vectors that match their summary."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from statistics_kit import Mean, column, interval_of, names

from deshi.statistics.resampling import Resamples
from project import Project

FILLERS = ["🍎", "🐈", "🚗", "🎵"]


def scores(mean: float, sd: float, texts: int) -> np.typing.NDArray[np.float64]:
    drawn = np.random.default_rng(texts).normal(0, 1, texts)
    return mean + sd * (drawn - drawn.mean()) / drawn.std(ddof=1)


@pytest.mark.parametrize(("mean", "sd", "half"), [(0.1816, 0.141, 0.0238), (0.1652, 0.124, 0.0210)])
def test_a_headline_of_134_texts_is_uncertain_by_two_points(
    mean: float, sd: float, half: float
) -> None:
    resamples = Resamples.draw(names(134), 10_000, 0)
    found = interval_of(Mean(), column(scores(mean, sd, 134)), resamples)
    assert found.value == pytest.approx(mean)
    assert (found.high - found.low) / 2 == pytest.approx(half, abs=5e-4)  # t, not 1.96


def score(project: Project, gold: list[list[str]], answers: list[list[str]], metric: str) -> float:
    for name, rows in (("gold", gold), ("predicted", answers)):
        lines = (json.dumps({"id": at, "emoji": row}) for at, row in enumerate(rows))
        Path(project.folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    words = ("--gold", "gold.jsonl", "--predicted", "predicted.jsonl", "--metrics", metric)
    ran = project.deshi("score", *words, "--format", "json")
    assert ran.status == 0, ran.err
    return float(ran.json[0]["value"])


def test_a_constant_scores_as_its_share_over_the_gold_length_says(project: Project) -> None:
    """A thousand label sets of 2.682 emoji on average, half of them with ✨: 0.500 / 2.682 = 0.186."""
    gold = [
        (["✨"] if at < with_it else []) + FILLERS[: size - (at < with_it)]
        for size, texts, with_it in ((2, 318, 119), (3, 682, 381))
        for at in range(texts)
    ]
    assert np.mean([len(labels) for labels in gold]) == pytest.approx(2.682)
    assert np.mean(["✨" in labels for labels in gold]) == 0.5
    assert score(project, gold, [["✨"]] * 1000, "jaccard") == pytest.approx(0.186, abs=1e-3)


def test_the_first_exact_match_is_one_text(project: Project) -> None:
    answers = [["🍎", "🐈"]] + [["🚗"]] * 218
    found = score(project, [["🐈", "🍎"]] * 219, answers, "exact-match")
    assert found == pytest.approx(1 / 219)
    assert round(100 * found, 2) == 0.46
