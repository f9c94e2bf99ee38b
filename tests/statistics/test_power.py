"""What could have been found, and what a plan can decide."""

import numpy as np
import pytest
from scipy import stats
from statistics_kit import Mean, known_points, names, row, several

from deshi.statistics.intervals import documents_variance, fixed_models_difference
from deshi.statistics.power import (
    detectable_fixed_models,
    detectable_retrained,
    smallest_detectable,
)
from deshi.statistics.randomisation import randomise
from deshi.statistics.resampling import Documents
from deshi.statistics.variance import Variance
from deshi_tools.claims.sample_size import sample_size
from deshi_tools.plan.planned_power import AssumedSpread, planned_power


def published_pair():
    """Return scores of 134 texts with means .1816 and .1652 and paired SD .149, in [0, 1]."""
    rng = np.random.default_rng(134)
    shape = rng.normal(0, 1, 134)
    shape = (shape - shape.mean()) / shape.std(ddof=1)
    differences = 0.0164 + 0.149 * shape
    texts = rng.normal(0, 0.05, 134)
    texts -= texts.mean()
    return 0.1816 + texts + (differences - 0.0164) / 2, 0.1652 + texts - (differences - 0.0164) / 2


def test_focal_beats_cross_entropy_is_refused() -> None:
    focal, entropy = published_pair()
    assert (focal.mean(), entropy.mean()) == (pytest.approx(0.1816), pytest.approx(0.1652))
    rows = row(focal), row(entropy)
    a, b = several(*rows, documents=names(134), resamples=10_000)
    spread = documents_variance(a, b)
    assert np.sqrt(spread.value) == pytest.approx(0.0129, abs=5e-5)
    assert (a.value - b.value) / np.sqrt(spread.value) == pytest.approx(1.27, abs=0.005)
    found = randomise(Mean(), [rows], Documents.of(names(134)), seed=0)[0]
    assert found.difference == pytest.approx(0.0164)
    assert found.p == pytest.approx(0.20, abs=0.02)
    difference = fixed_models_difference(a, b)
    assert difference.low < 0 < difference.high
    assert detectable_fixed_models(a, b) == pytest.approx(0.036, abs=5e-4)
    assert sample_size(a, b, 0.0164, 134, question="fixed-models").texts == pytest.approx(
        650, abs=3
    )


def test_the_smallest_detectable_difference_has_the_power_it_says() -> None:
    for df in (3, 8, 133):
        found = smallest_detectable(Variance(0.01**2, df))
        threshold = stats.t.ppf(0.975, df)
        assert stats.nct.sf(threshold, df, found / 0.01) == pytest.approx(0.8, abs=1e-6)
    assert smallest_detectable(Variance(1.0, np.inf)) == pytest.approx(1.95996 + 0.84162, abs=1e-4)
    assert smallest_detectable(Variance(1.0, 1001.0)) == pytest.approx(
        smallest_detectable(Variance(1.0, 999.0)), rel=2e-3
    )


def test_more_comparisons_and_fewer_degrees_of_freedom_need_more() -> None:
    one, ten = (smallest_detectable(Variance(1.0, 8.0), family=m) for m in (1, 10))
    assert smallest_detectable(Variance(1.0, 100.0)) < one < ten
    assert smallest_detectable(Variance(1.0, 8.0), alpha=0.005) == pytest.approx(ten)


def test_nothing_can_be_said_without_variance() -> None:
    assert smallest_detectable(Variance(0.0, 10.0)) is None
    assert smallest_detectable(Variance(np.nan, np.nan)) is None


def test_three_seeds_detect_nothing_about_retrained_models() -> None:
    few, more = [0.1, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4]
    assert detectable_retrained(*known_points(few, more)) is None
    assert detectable_retrained(*known_points(more, more)) > 0.2
    assert detectable_retrained(*known_points([0.1], more, deterministic={0})) > 0.1


def test_a_plan_says_what_seeds_can_decide() -> None:
    seeds = {s: planned_power(500, s) for s in (1, 3, 4, 5, 6)}
    assert seeds[1].retrained is None is seeds[1].half_width
    assert seeds[3].retrained is None
    assert "fewer than 4 seeds" in seeds[3].reason
    assert seeds[4].reason == ""
    assert seeds[4].retrained > seeds[5].retrained > seeds[6].retrained > seeds[6].fixed_models


def test_a_plan_says_what_holm_leaves() -> None:
    assert planned_power(500, 5, comparisons=10).retrained > planned_power(500, 5).retrained


def test_more_texts_do_not_replace_seeds() -> None:
    many = AssumedSpread(seed=0.02)
    assert planned_power(10**6, 1, assumed=many).fixed_models < 0.001
    assert planned_power(10**6, 5, assumed=many).retrained > 0.03


def test_a_deterministic_student_needs_no_seeds() -> None:
    found = planned_power(500, 1, deterministic=True)
    assert found.retrained == found.fixed_models
    assert found.reason == ""


def test_one_document_decides_nothing() -> None:
    found = planned_power(500, 5, documents=1)
    assert found.fixed_models is None is found.retrained


def test_a_plan_and_its_outcome_agree() -> None:
    rng = np.random.default_rng(0)
    assumed = AssumedSpread()
    found = []
    for _ in range(40):
        texts = rng.normal(0, assumed.text, 300)
        a, b = (
            [
                texts + rng.normal(0, assumed.run_text, 300) + rng.normal(0, assumed.seed)
                for _ in range(5)
            ]
            for _ in "ab"
        )
        rows = several(row(*a), row(*b), documents=names(300), resamples=50)
        found.append((detectable_fixed_models(*rows), detectable_retrained(*rows)))
    fixed, retrained = np.median(found, axis=0)
    planned = planned_power(300, 5, assumed=assumed)
    assert planned.fixed_models == pytest.approx(fixed, rel=0.05)
    assert planned.retrained == pytest.approx(retrained, rel=0.1)
