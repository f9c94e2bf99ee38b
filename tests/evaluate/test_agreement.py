"""Agreement of raters: published vectors, other libraries, and what is undefined."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact
from sklearn.metrics import cohen_kappa_score

from deshi_tools.scoring.rater_agreement import CohenKappa, FleissKappa, KrippendorffAlpha, win_rate

_ = -1


def of_sums(statistic, counts):
    return float(statistic.value(np.asarray(counts, float).sum(axis=0), np.array(0.0)))


def of_table(table, weights="none"):
    size = len(table)
    pairs = [(i, j) for i in range(size) for j in range(size) for _n in range(table[i][j])]
    kappa = CohenKappa(size, weights)
    return of_sums(kappa, kappa.counts(np.array(pairs).T))


def alpha(ratings, level):
    """Return alpha of ratings (raters, items), -1 for missing."""
    codes = np.array(ratings)
    values = sorted({int(v) for v in codes.ravel() if v >= 0})
    place = {value: at for at, value in enumerate(values)}
    coded = np.vectorize(lambda v: place.get(v, -1))(codes)
    statistic = KrippendorffAlpha(tuple(map(float, values)), level)
    return of_sums(statistic, statistic.counts(coded))


@pytest.mark.parametrize(
    ("table", "kappa"), [([[20, 5], [10, 15]], 0.4), ([[45, 5], [5, 45]], 0.8)]
)
def test_cohens_kappa(table, kappa):
    assert of_table(table) == pytest.approx(kappa)


@pytest.mark.parametrize(
    ("weights", "kappa"), [("none", 0.5385), ("linear", 0.625), ("quadratic", 0.7273)]
)
def test_weighted_kappa(weights, kappa):
    assert of_table([[2, 1, 0], [1, 3, 1], [0, 0, 2]], weights) == pytest.approx(kappa, abs=5e-5)


def test_fleiss_kappa():
    # Three raters on four items: 3-0, 2-1, 0-3 and 1-2 for the two values.
    codes = np.array([[0, 0, 1, 0], [0, 0, 1, 1], [0, 1, 1, 1]])
    kappa = FleissKappa(2)
    assert of_sums(kappa, kappa.counts(codes)) == pytest.approx(1 / 3)


FIVE = [[1, 2, 3, 2, 0], [1, 2, 3, 3, 1]]
GAPPED = [[4, 0, 2, 3, 1], [4, 1, 2, 3, 0], [3, 0, _, 3, 1]]
TEXTBOOK = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]


@pytest.mark.parametrize(
    ("ratings", "nominal", "ordinal", "interval"),
    [
        (FIVE, 0.5000, 0.8471, 0.8125),
        (GAPPED, 0.4935, 0.8847, 0.8966),
        (TEXTBOOK, 0.7434, 0.8154, 0.8491),
    ],
)
def test_krippendorffs_alpha(ratings, nominal, ordinal, interval):
    expected = {"nominal": nominal, "ordinal": ordinal, "interval": interval}
    for level, value in expected.items():
        assert alpha(ratings, level) == pytest.approx(value, abs=5e-5)


RATINGS = st.integers(2, 4).flatmap(
    lambda raters: st.lists(
        st.lists(st.integers(-1, 4), min_size=raters, max_size=raters), min_size=2, max_size=12
    )
)


@settings(deadline=None, max_examples=60)
@given(RATINGS, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_that_of_the_krippendorff_package(items, level):
    ratings = np.array(items).T
    paired = (ratings >= 0).sum(axis=0) > 1
    if not paired.any() or len(set(ratings[:, paired][ratings[:, paired] >= 0].tolist())) < 2:
        assert np.isnan(alpha(ratings, level)) or len(np.unique(ratings)) == 1
        return
    theirs = krippendorff.alpha(
        np.where(ratings < 0, np.nan, ratings.astype(float)), level_of_measurement=level
    )
    assert alpha(ratings, level) == pytest.approx(theirs)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30),
    st.sampled_from(["none", "linear", "quadratic"]),
)
def test_kappa_is_that_of_sklearn(pairs, weights):
    first, second = np.array(pairs).T
    kappa = CohenKappa(4, weights)
    ours = of_sums(kappa, kappa.counts(np.array([first, second])))
    if len({*first, *second}) == 1:
        assert np.isnan(ours)
        return
    name = None if weights == "none" else weights
    theirs = cohen_kappa_score(first, second, labels=[0, 1, 2, 3], weights=name)
    assert ours == pytest.approx(theirs)


def test_ratings_that_are_all_alike_leave_nothing_to_agree_on():
    assert np.isnan(alpha([[1, 1, 1], [1, 1, 1]], "nominal"))
    assert np.isnan(of_table([[5, 0], [0, 0]]))


def test_a_side_wins_where_both_orders_say_so():
    verdicts = [("A", "A"), ("A", "B"), ("B", "B"), ("tie", "A")]
    assert win_rate(verdicts) == (1, 1, 2, 0.5, 0.5)


@pytest.mark.parametrize(("wins", "losses", "p"), [(6, 3, 0.508), (9, 6, 0.607), (10, 5, 0.302)])
def test_the_sign_test_of_the_published_preferences(wins, losses, p):
    assert binomtest(wins, wins + losses).pvalue == pytest.approx(p, abs=5e-4)


def test_the_published_batches_of_a_judge_contradict_each_other():
    assert fisher_exact([[5, 2], [1, 7]]).pvalue == pytest.approx(0.041, abs=5e-4)
