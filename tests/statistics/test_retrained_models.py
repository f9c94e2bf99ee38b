"""Tests of retrained models: what few runs can and cannot decide."""

import numpy as np
import pytest
from scipy import stats
from statistics_kit import Mean, Ratio, known_points, names, row, several

from deshi.statistics.intervals import ONE_RUN, UNDEFINED, fixed_models_difference
from deshi.statistics.replicates import RowScores
from deshi.statistics.retrained_models import relabelling, relabelling_floor, two_level_t

RNG = np.random.default_rng(0)
FIVE = (0.20, 0.21, 0.22, 0.23, 0.24)
FIVE_MORE = (0.10, 0.11, 0.12, 0.13, 0.14)


@pytest.mark.parametrize(
    ("runs", "floor"), [(3, 0.1), (4, 2 / 70), (5, 2 / 252), (6, 2 / 924), (10, 2 / 184_756)]
)
def test_the_floor_of_relabelling_is_the_published_one(runs, floor) -> None:
    assert relabelling_floor(runs, runs) == pytest.approx(floor)


def test_the_floors_round_to_what_tables_print() -> None:
    printed = [f"{relabelling_floor(runs, runs):.2g}" for runs in (3, 4, 5, 6)]
    assert printed == ["0.1", "0.029", "0.0079", "0.0022"]


def test_runs_that_do_not_overlap_reach_the_floor() -> None:
    found = relabelling(*known_points(FIVE, FIVE_MORE))
    assert found.p == pytest.approx(2 / 252)
    assert found.difference == pytest.approx(0.1)
    assert found.low < 0.1 < found.high
    unequal = relabelling(*known_points(FIVE, FIVE_MORE[:4]))
    assert unequal.p == pytest.approx(1 / 126)


def test_relabelling_agrees_with_scipy() -> None:
    a, b = RNG.normal(0.03, 0.03, 5), RNG.normal(0, 0.03, 6)
    theirs = stats.permutation_test(
        (a, b), lambda x, y: abs(x.mean() - y.mean()), alternative="greater", n_resamples=np.inf
    )
    ours = relabelling(*known_points(a, b))
    assert ours.p == pytest.approx(theirs.pvalue)


def test_more_relabellings_than_can_be_tried_are_drawn() -> None:
    a, b = RNG.normal(0, 1, 12), RNG.normal(0.9, 1, 12)
    exact = stats.permutation_test(
        (a, b), lambda x, y: abs(x.mean() - y.mean()), alternative="greater", n_resamples=10_000
    ).pvalue
    rows = known_points(a, b)
    first, again = relabelling(*rows, seed=0), relabelling(*rows, seed=0)
    assert first == again
    assert first.p == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("test", [two_level_t, relabelling])
@pytest.mark.parametrize("runs", [1, 2, 3])
def test_three_runs_or_fewer_decide_nothing_however_far_apart(test, runs) -> None:
    found = test(*known_points(FIVE[:runs], [0.9, 0.91, 0.92, 0.93, 0.94]))
    assert (found.p, found.method) == (None, "none")
    assert "no test of retrained models" in found.reason
    assert ("one run" if runs == 1 else f"{runs} runs") in found.reason
    assert found.difference < -0.5


def test_relabelling_gives_no_verdict_where_holm_would_take_it_away() -> None:
    rows = known_points(FIVE, FIVE_MORE)
    assert relabelling(*rows, family=6).p == pytest.approx(2 / 252)
    none = relabelling(*rows, family=7)
    assert none.p is None
    assert "0.0079, times 7" in none.reason
    four = known_points(FIVE[:4], FIVE_MORE[:4])
    assert relabelling(*four).p is not None
    assert relabelling(*four, family=2).p is None


def test_a_deterministic_row_has_no_variance_over_runs() -> None:
    runs = RNG.normal(0.3, 0.2, (5, 100)) + RNG.normal(0, 0.05, (5, 1))
    fixed = RNG.normal(0.2, 0.2, 100)
    rows = several(row(*runs), row(fixed, deterministic=True), documents=names(100))
    found = two_level_t(*rows)
    documents = (runs.mean(axis=0) - fixed).var(ddof=1) / 100
    seeds = runs.mean(axis=1).var(ddof=1) / 5
    # The runs' luck with texts is in both, and counts once: the mean square of the interaction.
    rest = runs - runs.mean(axis=0) - runs.mean(axis=1, keepdims=True) + runs.mean()
    both = (rest**2).sum() / (99 * 4) / (100 * 5)
    variance = max(documents + seeds - both, documents, seeds)
    df = variance**2 / (documents**2 / 99 + seeds**2 / 4)
    t = (runs.mean() - fixed.mean()) / np.sqrt(variance)
    assert found.p == pytest.approx(2 * stats.t.sf(t, df))
    assert "deterministic" in relabelling(*rows).reason


def test_two_deterministic_rows_make_a_paired_t_test() -> None:
    a, b = RNG.normal(0.05, 1, (2, 80))
    rows = several(
        row(a, deterministic=True), row(b, deterministic=True), documents=names(80), resamples=500
    )
    assert two_level_t(*rows).p == pytest.approx(stats.ttest_rel(a, b).pvalue)


def test_what_runs_owe_to_documents_is_never_taken_off_beyond_the_variance_of_either() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.2, (2, 5, 200))
    noise -= noise.mean(axis=2, keepdims=True)  # all runs of a row score exactly the same
    a, b = several(*(row(*(at + runs)) for at, runs in zip((0.31, 0.3), noise, strict=True)),
                   documents=names(200))  # fmt: skip
    fixed, found = fixed_models_difference(a, b), two_level_t(a, b)
    assert found.high - found.low == pytest.approx(fixed.high - fixed.low, rel=0.1)
    assert 0.05 < found.p < 1


def test_without_variance_over_documents_it_is_welchs_test() -> None:
    a, b = RNG.normal(0.2, 0.02, 5), RNG.normal(0.2, 0.05, 8)
    found = two_level_t(*known_points(a, b))
    assert found.p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)


def test_the_interval_and_p_nearly_agree_on_0() -> None:
    agreed = 0
    for at in range(40):
        a, b = np.random.default_rng(at).normal([[0.05], [0.0]], 0.03, (2, 5))
        found = two_level_t(*known_points(a, b))
        agreed += (found.p < 0.05) == (found.low > 0 or found.high < 0)
    assert agreed >= 38


def test_rows_without_a_value_or_variation_get_a_word_instead_of_a_p() -> None:
    nothing = RowScores([np.zeros((10, 2))] * 4)
    counts = RowScores([RNG.random((10, 2)) + 0.1 for _ in range(4)])
    rows = several(nothing, counts, documents=names(10), metric=Ratio())
    assert (two_level_t(*rows).p, two_level_t(*rows).reason) == (None, UNDEFINED)
    same = RowScores([np.ones((10, 1))] * 4)
    alike = two_level_t(*several(same, same, documents=names(10), metric=Mean()))
    assert (alike.difference, alike.low, alike.high, alike.p) == (0.0, 0.0, 0.0, 1.0)
    higher = RowScores([np.full((10, 1), 2.0)] * 4)
    apart = two_level_t(*several(same, higher, documents=names(10), metric=Mean()))
    assert (apart.difference, apart.p) == (-1.0, None)
    assert "no variation" in apart.reason


def test_one_run_has_a_difference_and_no_interval() -> None:
    found = two_level_t(*known_points(FIVE[:1], FIVE))
    assert found.low is None
    assert "one run" in found.reason
    assert "one run" in ONE_RUN
