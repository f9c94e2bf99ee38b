"""How many texts or seeds would decide: as many as, once there, do."""

from __future__ import annotations

import numpy as np
import pytest
from statistics_kit import known_points, names, row, several

from deshi.statistics.power import detectable_fixed_models, detectable_retrained
from deshi.statistics.replicates import Replicates
from deshi_tools.claims.sample_size import SampleSize, sample_size

SEED, RUN_TEXT, TEXT = 0.02, 0.2, 0.15


def pair(
    texts: int, seeds: int, rng: np.random.Generator, *, seed: float = SEED
) -> list[Replicates]:
    """Return two rows that are trained alike that differ by chance, with seeds and texts that vary."""
    shared = rng.normal(0, TEXT, texts)
    rows = [
        row(*(shared + rng.normal(0, RUN_TEXT, texts) + rng.normal(0, seed) for _ in range(seeds)))
        for _ in "ab"
    ]
    return several(*rows, documents=names(texts), resamples=50)


def test_one_run_each_needs_as_many_texts_as_the_plain_formula_says() -> None:
    # (1.963 + 0.842)² SD² / difference², with t for 600 to 700 texts
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.3, 0.1, 134), rng.normal(0.3, 0.1, 134)
    rows = several(
        row(a, deterministic=True), row(b, deterministic=True), documents=names(134), resamples=50
    )
    found = sample_size(*rows, 0.0164, 134, question="fixed-models")
    formula = ((1.9636 + 0.8416) * np.std(a - b, ddof=1) / 0.0164) ** 2
    assert found.texts == pytest.approx(formula, abs=2)
    assert found.seeds is None


@pytest.mark.parametrize(("family", "difference"), [(1, 0.04), (10, 0.04)])
def test_texts_of_large_documents_count_by_the_document(family: int, difference: float) -> None:
    rng = np.random.default_rng(4)

    def rows(documents: int) -> list[Replicates]:
        apart = np.repeat(rng.normal(0, 0.03, documents), 20) + rng.normal(0, 0.1, documents * 20)
        same = np.zeros(documents * 20)
        runs = (row(scores, deterministic=True) for scores in (apart, same))
        return several(*runs, documents=names(documents * 20, 20), resamples=50)

    plans = [
        sample_size(*rows(6), difference, 120, question="fixed-models", family=family).texts
        for _ in range(200)
    ]
    documents = round(np.median(plans) / 20)
    found = np.median(
        [detectable_fixed_models(*rows(documents), family=family) for _ in range(200)]
    )
    assert found == pytest.approx(difference, rel=0.1)


def test_no_fewer_texts_are_needed_than_there_are() -> None:
    rows = pair(200, 5, np.random.default_rng(3))
    enough = 2 * detectable_fixed_models(*rows)
    assert sample_size(*rows, enough, 200, question="fixed-models") == SampleSize(200)


def least(
    texts: int, seeds: int, family: int, rng: np.random.Generator, *, seed: float = SEED
) -> float:
    rows = (pair(texts, seeds, rng, seed=seed) for _ in range(40))
    return float(np.median([detectable_retrained(*pair, family=family) for pair in rows]))


@pytest.mark.parametrize(("family", "difference"), [(1, 0.04), (6, 0.055)])
def test_that_many_seeds_find_the_difference(family: int, difference: float) -> None:
    rng = np.random.default_rng(1)
    plans = [
        sample_size(
            *pair(200, 5, rng), difference, 200, question="retrained-models", family=family
        ).seeds
        for _ in range(60)
    ]
    seeds = int(np.median([plan for plan in plans if plan is not None]))
    assert seeds > 5
    assert least(200, seeds, family, rng) == pytest.approx(difference, rel=0.12)
    assert least(200, 5, family, rng) > difference


@pytest.mark.parametrize(("family", "difference"), [(1, 0.03), (6, 0.04)])
def test_that_many_texts_find_the_difference(family: int, difference: float) -> None:
    rng = np.random.default_rng(1)
    plans = [
        sample_size(
            *pair(200, 5, rng, seed=0.005),
            difference,
            200,
            question="retrained-models",
            family=family,
        )
        for _ in range(60)
    ]
    texts = int(np.median([plan.texts or 10**6 for plan in plans]))
    assert 200 < texts < 1000
    assert least(texts, 5, family, rng, seed=0.005) == pytest.approx(difference, rel=0.12)
    assert least(200, 5, family, rng, seed=0.005) > difference


def test_more_texts_alone_do_not_do_where_seeds_vary_too_much() -> None:
    rows = known_points([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4])
    found = sample_size(*rows, 0.01, 200, question="retrained-models")
    assert found.texts is None


def test_no_difference_and_no_variance_need_nothing_that_can_be_counted() -> None:
    rng = np.random.default_rng(2)
    rows = pair(100, 4, rng)
    assert sample_size(*rows, 0.0, 100, question="retrained-models") == SampleSize()
    one = known_points([0.5], [0.5])
    assert sample_size(*one, 0.1, 200, question="retrained-models") == SampleSize()


def test_the_question_of_fixed_models_is_not_helped_by_seeds() -> None:
    rows = pair(200, 5, np.random.default_rng(3))
    found = sample_size(*rows, 0.02, 200, question="fixed-models")
    assert found.seeds is None
    assert found.texts == pytest.approx(
        200 * (detectable_fixed_models(*rows) / 0.02) ** 2, rel=0.05
    )
