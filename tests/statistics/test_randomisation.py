"""Approximate randomisation over documents: against enumeration and against scipy."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array
from statistics_kit import Effective, Mean, Ratio, names, row

from deshi.statistics import randomisation
from deshi.statistics.randomisation import randomise
from deshi.statistics.replicates import RowScores
from deshi.statistics.resampling import Documents

RNG = np.random.default_rng(0)


def compared(a, b, documents=None, metric=None, **options):
    units = Documents.of(documents or names(len(a)))
    rows = (RowScores([a]), RowScores([b])) if np.ndim(a) == 2 else (row(a), row(b))
    return randomise(metric or Mean(), [rows], units, seed=0, **options)[0]


def test_few_documents_are_enumerated_as_scipy_does() -> None:
    a, b = RNG.normal(0.4, 1, (2, 12))
    theirs = stats.permutation_test(
        (a, b), lambda x, y: x.mean() - y.mean(), permutation_type="samples", n_resamples=np.inf
    )
    ours = compared(a, b)
    assert ours.p == pytest.approx(theirs.pvalue)
    assert ours.difference == pytest.approx(theirs.statistic)
    assert ours.method == "exact randomisation"


def test_many_documents_agree_with_scipy_within_monte_carlo_error() -> None:
    a = RNG.normal(0, 1, 80)
    b = a + RNG.normal(0.15, 0.7, 80)
    theirs = stats.permutation_test(
        (a, b),
        lambda x, y, axis: (x - y).mean(axis=axis),
        permutation_type="samples",
        n_resamples=10_000,
        vectorized=True,
        rng=np.random.default_rng(1),
    )
    ours = compared(a, b)
    error = 4 * np.sqrt(2 * theirs.pvalue * (1 - theirs.pvalue) / 10_000)
    assert ours.p == pytest.approx(theirs.pvalue, abs=error)
    assert ours.method == "approximate randomisation"


def test_whole_documents_are_swapped() -> None:
    a, b = RNG.normal(0.3, 1, (2, 30))
    ours = compared(a, b, documents=names(30, 5))
    sums = (a - b).reshape(6, 5).sum(axis=1)
    all_signs = np.array(list(product((1, -1), repeat=6)))
    reached = np.abs(all_signs @ sums) >= abs(sums.sum()) - 1e-9
    assert ours.p == pytest.approx(reached.mean())


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("metric", [Effective(), Ratio()])
def test_metrics_that_are_no_means_are_swapped_and_not_averaged(metric, sparse) -> None:
    a, b = (RNG.poisson(rate, (8, 2)) + 1.0 for rate in (1.0, 2.5))
    values = []
    for swapped in product((False, True), repeat=8):
        mask = np.array(swapped)[:, np.newaxis]
        sums = [np.where(mask, x, y).sum(axis=0) for x, y in ((b, a), (a, b))]
        values.append(metric.value(sums[0], 8) - metric.value(sums[1], 8))
    expected = np.mean(np.abs(values) >= abs(values[0]) - 1e-12)
    pair = (csr_array(a), csr_array(b)) if sparse else (a, b)
    units = Documents.of(names(8))
    found = randomise(metric, [(RowScores([pair[0]]), RowScores([pair[1]]))], units, seed=0)[0]
    assert found.p == pytest.approx(expected)
    assert found.difference == pytest.approx(values[0])


def test_the_value_of_several_runs_is_the_mean_of_theirs_and_not_that_of_the_pool() -> None:
    ours = RowScores([RNG.poisson(1, (9, 4)) + 1.0 for _ in range(3)])
    theirs = RowScores([RNG.poisson(1, (9, 4)) + 1.0], deterministic=True)

    def value(runs):
        return np.mean([Effective().value(x.sum(axis=0), 9) for x in runs])

    values = []
    for swapped in product((False, True), repeat=9):
        mask = np.array(swapped)[:, np.newaxis]
        other = theirs.runs[0]
        values.append(
            value([np.where(mask, other, x) for x in ours.runs])
            - value([np.where(mask, x, other) for x in ours.runs])
        )
    found = randomise(Effective(), [(ours, theirs)], Documents.of(names(9)), seed=0)[0]
    assert found.difference == pytest.approx(values[0])
    assert found.p == pytest.approx(np.mean(np.abs(values) >= abs(values[0]) - 1e-12))


def test_for_means_the_mean_counts_over_runs_do_as_well(monkeypatch) -> None:
    a = row(*RNG.normal(0.3, 1, (3, 60)))
    b = row(*RNG.normal(0, 1, (2, 60)))
    units = Documents.of(names(60))
    short = randomise(Mean(), [(a, b)], units, seed=0)[0]
    monkeypatch.setattr(randomisation, "TIE", -1.0)  # no probe can agree: all runs are joined
    joined = randomisation._linear(
        Mean(), *([units.sums(r) for r in x.runs] for x in (a, b)), units
    )
    monkeypatch.undo()
    monkeypatch.setattr(randomisation, "_linear", lambda *_: joined)
    assert joined.joined == 6
    full = randomise(Mean(), [(a, b)], units, seed=0)[0]
    assert (full.p, full.difference) == pytest.approx((short.p, short.difference))


def test_pairs_and_blocks_do_not_change_what_is_found(monkeypatch) -> None:
    rows = [RowScores([RNG.random((50, 2)) + 0.1]) for _ in range(5)]
    pairs = [(rows[i], rows[j]) for i in range(5) for j in range(i)]
    units = Documents.of(names(50))
    together = randomise(Ratio(), pairs, units, resamples=500, seed=0)
    alone = [randomise(Ratio(), [pair], units, resamples=500, seed=0)[0] for pair in pairs]
    monkeypatch.setattr(randomisation, "CELLS", 150)
    blocks = randomise(Ratio(), pairs, units, resamples=500, seed=0)
    assert [o.p for o in together] == [o.p for o in alone] == [o.p for o in blocks]


def test_the_order_of_the_rows_turns_the_sign_alone() -> None:
    a, b = RNG.normal(0.2, 1, (2, 70))
    there, back = compared(a, b), compared(b, a)
    assert there.difference == pytest.approx(-back.difference)
    assert there.p == back.p


def test_equal_rows_have_p_1() -> None:
    assert compared(np.ones(100), np.ones(100)).p == 1.0
    assert compared(np.zeros(5), np.zeros(5)).p == 1.0


def test_p_is_never_0() -> None:
    found = compared(np.ones(200), np.zeros(200), resamples=999)
    assert found.p == 1 / 1000


def test_ties_count_in_spite_of_rounding() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.7, 1 / 3, 0.6] * 2)
    ours = compared(values, values[::-1].copy())
    theirs = compared(values + 1e-14, values[::-1] - 1e-14)
    assert ours.p == theirs.p


def test_seed_0_is_a_seed() -> None:
    a = RNG.normal(0, 1, 50)
    b = a + RNG.normal(0.1, 0.5, 50)
    units = Documents.of(names(50))
    first, again, other = (
        randomise(Mean(), [(row(a), row(b))], units, seed=seed)[0].p for seed in (0, 0, 1)
    )
    assert first == again != other


def test_one_document_and_no_value_are_no_test() -> None:
    single = compared(np.ones(5), np.zeros(5), documents=["a"] * 5)
    assert (single.difference, single.p, single.method) == (1.0, None, "none")
    assert "one document" in single.reason
    nothing = compared(np.zeros((5, 2)), np.ones((5, 2)), metric=Ratio())
    assert (nothing.difference, nothing.p) == (None, None)
    assert "undefined" in nothing.reason


def test_a_swap_without_a_value_counts_as_having_reached_the_difference() -> None:
    a, b = np.zeros((2, 4, 2))
    a[0], b[1] = [5, 1], [1, 1]
    # To swap one of the two documents with counts leaves one row without any.
    found = compared(a, b, metric=Ratio())
    assert (found.difference, found.p) == (4.0, 1.0)
