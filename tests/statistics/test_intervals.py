"""Intervals: which question they answer, when they are undefined, and what they agree with."""

import numpy as np
import pytest
from scipy import stats
from statistics_kit import Effective, Kinds, Mean, Ratio, interval_of, names, one, row, several

from deshi.statistics.intervals import (
    NO_VARIATION,
    ONE_DOCUMENT,
    ONE_RUN,
    ONE_SIDED,
    RARELY_DEFINED,
    UNDEFINED,
    fixed_models_difference,
    fixed_models_interval,
    retrained_difference,
    retrained_interval,
    shown_interval,
)
from deshi.statistics.replicates import Replicates, RowScores
from deshi.statistics.resampling import Resamples
from deshi.statistics.variance import Variance, over_documents, t_quantile, total

RNG = np.random.default_rng(0)
SKEWED = RNG.choice([0, 0.2, 0.25, 1 / 3, 0.5, 1], p=[0.45, 0.2, 0.15, 0.1, 0.07, 0.03], size=400)


def test_the_shape_is_the_percentile_interval_of_scipy() -> None:
    theirs = stats.bootstrap(
        (SKEWED,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    ours = fixed_models_interval(one(SKEWED, resamples=20_000))
    error = 0.02 * (theirs.high - theirs.low)
    assert ours.low == pytest.approx(theirs.low, abs=error)
    assert ours.high == pytest.approx(theirs.high, abs=error)


def test_the_width_is_that_of_the_t_interval() -> None:
    values = SKEWED[:40]
    found = fixed_models_interval(one(values))
    low, high = stats.t.interval(0.95, 39, values.mean(), stats.sem(values))
    assert found.high - found.low == pytest.approx(high - low)
    assert found.value == pytest.approx(values.mean())


def test_a_paired_difference_is_the_interval_of_differences() -> None:
    a, b = RNG.normal(0, 1, (2, 60))
    rows = several(row(a), row(b), documents=names(60))
    ours = fixed_models_difference(*rows)
    alone = fixed_models_interval(one(a - b))
    assert (ours.value, ours.low, ours.high) == pytest.approx((alone.value, alone.low, alone.high))


def test_documents_count_and_not_texts() -> None:
    values = np.repeat(SKEWED[:50], 6)
    by_document = fixed_models_interval(one(values, documents=names(300, 6)))
    alone = fixed_models_interval(one(SKEWED[:50]))
    assert (by_document.low, by_document.high) == pytest.approx((alone.low, alone.high))


def test_a_deterministic_row_has_the_same_interval_for_both_questions() -> None:
    a, b = several(
        row(SKEWED, deterministic=True), row(SKEWED[::-1], deterministic=True), documents=names(400)
    )
    assert retrained_interval(a) == fixed_models_interval(a)
    assert retrained_difference(a, b) == fixed_models_difference(a, b)


def test_one_run_of_a_student_that_varies_has_no_interval_for_retrained_models() -> None:
    a, b = several(row(SKEWED), row(SKEWED[::-1], deterministic=True), documents=names(400))
    assert retrained_interval(a).low is None
    assert retrained_interval(a).value == pytest.approx(SKEWED.mean())
    assert retrained_interval(a).reason == retrained_difference(a, b).reason == ONE_RUN
    assert fixed_models_difference(a, b).low is not None


@pytest.mark.parametrize(
    ("runs", "question"), [(1, "fixed-models"), (2, "fixed-models"), (3, "retrained-models")]
)
def test_an_interval_is_about_retrained_models_from_three_runs_on(runs, question) -> None:
    rng = np.random.default_rng(1)
    drawn = [rng.normal(0.3 + at / 100, 0.1, 50) for at in range(runs)]
    (found,) = several(row(*drawn), documents=names(50))
    shown = shown_interval(found)
    assert shown.question == question
    assert shown.interval == (
        fixed_models_interval(found) if runs < 3 else retrained_interval(found)
    )


def test_the_interval_for_retrained_models_has_the_two_level_width() -> None:
    runs = RNG.normal(0.2, 0.2, (5, 300)) + np.array([0, 0.05, -0.03, 0.02, 0.01])[:, np.newaxis]
    found = retrained_interval(several(row(*runs), documents=names(300))[0])
    documents = runs.mean(axis=0).var(ddof=1) / 300
    seeds = runs.mean(axis=1).var(ddof=1) / 5
    df = (documents + seeds) ** 2 / (documents**2 / 299 + seeds**2 / 4)
    half = stats.t.ppf(0.975, df) * np.sqrt(documents + seeds)
    assert found.high - found.low == pytest.approx(2 * half)
    assert found.high - found.value == pytest.approx(half, rel=0.15)


def test_one_document_gives_a_value_and_no_interval() -> None:
    found = fixed_models_interval(one(SKEWED, documents=["only"] * 400))
    assert (found.value, found.low, found.high) == (pytest.approx(SKEWED.mean()), None, None)
    assert found.reason == ONE_DOCUMENT
    runs = several(row(SKEWED, SKEWED + 0.1), documents=["only"] * 400)[0]
    assert retrained_interval(runs).reason == ONE_DOCUMENT


@pytest.mark.parametrize("value", [0.0, 1.0, 0.3])
def test_no_success_at_all_is_no_proof_of_an_empty_interval(value) -> None:
    found = fixed_models_interval(one(np.full(134, value)))
    assert (found.value, found.low, found.reason) == (pytest.approx(value), None, NO_VARIATION)


def test_equal_rows_have_difference_0_and_no_interval() -> None:
    a, b = several(row(SKEWED), row(SKEWED), documents=names(400))
    found = fixed_models_difference(a, b)
    assert (found.value, found.low, found.high) == (0.0, None, None)
    assert found.reason == NO_VARIATION


def test_nan_metrics_have_a_word_and_no_number() -> None:
    drawn = Resamples.draw(names(20), 200, 0)
    nothing = interval_of(Ratio(), np.zeros((20, 2)), drawn)
    assert (nothing.value, nothing.low, nothing.high) == (None, None, None)
    assert nothing.reason == UNDEFINED
    rare = np.zeros((20, 2))
    rare[0] = 1
    once = interval_of(Ratio(), rare, drawn)
    assert (once.value, once.low, once.reason) == (1.0, None, RARELY_DEFINED)


def test_a_metric_undefined_without_one_document_still_has_an_interval() -> None:
    counts = np.zeros((8, 2))
    counts[:, 0], counts[:4, 1] = np.arange(8), [1, 2, 3, 4]
    found = interval_of(Ratio(), counts, Resamples.draw(names(8), 4000, 0))
    # 4 of 8 documents have counts: a share of (1/2)^8 of the resamples has none.
    assert found.low is not None
    assert found.low < found.value < found.high
    known = over_documents(np.array([1.0, np.nan, 2.0]), np.array([1.0, 2.0, np.nan]), 3.0)
    assert known == Variance(0.375, 2.0)


@pytest.mark.parametrize("metric", [Effective(), Kinds()])
def test_the_interval_of_a_count_of_kinds_holds_its_value(metric) -> None:
    # A resample has fewer kinds than the sample: the plain percentile interval lies beside the value.
    p = 1 / np.arange(1, 301)
    counts = np.random.default_rng(5).multinomial(2, p / p.sum(), size=150).astype(float)
    drawn = Resamples.draw(names(150), 2000, 0)
    rows = several(RowScores([counts]), documents=names(150), metric=metric)
    low, high = np.percentile(rows[0].drawn, [2.5, 97.5])
    found = interval_of(metric, counts, drawn)
    assert high < found.value
    assert found.low < found.value < found.high
    assert low < found.low


def test_intervals_stay_within_the_bounds_of_the_metric() -> None:
    values = np.zeros(134)
    values[0] = 1
    free, held = fixed_models_interval(one(values)), fixed_models_interval(one(values), (0.0, 1.0))
    assert free.low < 0 == held.low
    assert held.high == free.high


def test_the_same_seed_gives_the_same_interval_and_seed_0_is_a_seed() -> None:
    first, again, other = (fixed_models_interval(one(SKEWED, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_t_quantiles_are_the_published_ones() -> None:
    for df, quantile in ((1, 12.706), (4, 2.776), (8, 2.306), (29, 2.045), (np.inf, 1.960)):
        assert t_quantile(0.975, df) == pytest.approx(quantile, abs=5e-4)


def test_satterthwaite_agrees_with_scipys_welch_test() -> None:
    a, b = RNG.normal(0, 1, 5), RNG.normal(0, 3, 9)
    welch = stats.ttest_ind(a, b, equal_var=False)
    both = total([Variance(x.var(ddof=1) / len(x), len(x) - 1) for x in (a, b)])
    assert both.df == pytest.approx(welch.df)


def test_the_jackknife_of_a_mean_is_its_squared_standard_error() -> None:
    found = one(SKEWED)
    spread = over_documents(found.without, found.drawn, found.effective)
    assert spread.value == pytest.approx(stats.sem(SKEWED) ** 2)
    assert spread.df == pytest.approx(399)


def test_a_metric_is_averaged_over_runs_and_not_pooled() -> None:
    runs = [np.eye(2)[[at] * 10] for at in (0, 1)]
    found = several(RowScores(runs), documents=names(10), metric=Effective())[0]
    assert found.value == pytest.approx(1)
    assert Effective().value(sum(run.sum(axis=0) for run in runs), 20) == pytest.approx(2)


def test_the_mean_of_no_text_is_undefined() -> None:
    assert np.isnan(Mean().value(np.zeros(1), np.zeros(())))


def test_an_interval_that_would_not_hold_its_value_is_none() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.uniform(0, 1, 1000)
    drawn[:10] = 1e6  # the mean of the resamples lies beyond 97.5 % of them
    row = Replicates(
        points=np.array([0.5]),
        drawn=drawn,
        retrained=None,
        without=0.5 + 0.01 * rng.normal(size=20),
        noise=0.0,
        effective=20.0,
        deterministic=False,
    )
    found = fixed_models_interval(row)
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert found.reason == ONE_SIDED
