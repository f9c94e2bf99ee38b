"""Scores as probabilities: vectors of the domain report, section 5.6, and agreement with sklearn."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_kit import SMALL, build, gold, one, pred, score, scored, total

from deshi.api import Expected, Prediction

sklearn = pytest.importorskip("sklearn.metrics")
calibration = pytest.importorskip("sklearn.calibration")

PAIRS = [scored("A B C", 0.9, 0.8, 0.7), scored("A B C", 0.3, 0.2, 0.1)]
GOLD = [gold("A B"), gold("A X")]


def test_six_pairs_in_five_bins():
    assert score("ece", PAIRS, GOLD, bins=5) == pytest.approx(1.6 / 6)


def test_brier_of_six_chances():
    answers = [scored("A", p) for p in (0.9, 0.8, 0.7, 0.2, 0.1, 0.3)]
    expected = [gold(text) for text in ("A", "A", "", "", "", "A")]
    assert score("brier", answers, expected) == pytest.approx(0.18)


def test_gold_that_is_not_ranked_costs_1_each():
    assert one("brier", scored("A", 0.5), "A B C") == pytest.approx(0.25 + 2)
    assert one("brier", scored("A B C", 0.5, 0, 0), "A B C") == pytest.approx(0.25 + 2)
    assert one("brier", scored("A", 1.0), "A Q") == 1


def test_ranking_less_gains_nothing():
    truth = [gold("A B"), gold("A")]
    whole = score("brier", [scored("A B", 1.0, 0.5)] * 2, truth)
    assert whole == pytest.approx(0.25)
    assert score("brier", [scored("A", 1.0)] * 2, truth) > whole
    assert score("brier", [scored("B", 0.5)] * 2, truth) > whole


@pytest.mark.parametrize(("p", "bin_"), [(0.0, 0), (0.2, 0), (0.21, 1), (0.6, 2), (1.0, 4)])
def test_bins_are_closed_on_the_right_and_the_first_on_both_sides(p, bin_):
    counts = build("ece", bins=5).statistics([scored("A", p)], [gold("A")], SMALL)
    assert counts[0, :5].tolist() == [float(at == bin_) for at in range(5)]


def test_decimal_scores_fall_into_the_bin_that_they_end():
    scores = [i / 10 for i in range(1, 11)]
    counts = build("ece", depth=10).statistics(
        [scored("A B C D E F G H X Y", *scores)], [gold("A")], SMALL
    )
    assert counts[0, :10].tolist() == [1.0] * 10


def test_only_the_first_labels_of_a_ranking_count():
    answer = scored("X A", 1.0, 0.0)
    assert one("ece", answer, "A", depth=1) == 1
    assert total(build("ece", depth=1, bins=1).statistics([answer], [gold("A")], SMALL))[0] == 1


def test_right_scores_have_no_error():
    assert one("ece", scored("A B X", 1.0, 1.0, 0.0), "A B") == 0
    assert one("brier", scored("A B X", 1.0, 1.0, 0.0), "A B") == 0


def test_a_student_without_a_ranking_has_no_calibration():
    for name in ("ece", "brier"):
        assert math.isnan(one(name, "A", "A"))
        assert math.isnan(one(name, Prediction((), 0, ()), "A"))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan, math.inf])
def test_one_score_that_is_no_probability_leaves_the_whole_student_undefined(wrong):
    answers = [scored("A", 0.5), scored("A B", 0.5, wrong)]
    for name in ("ece", "brier"):
        assert math.isnan(score(name, answers, [gold("A")] * 2))


def test_texts_without_a_ranking_are_left_out():
    answers = [scored("A", 0.5), pred("B")]
    assert score("brier", answers, [gold("A"), gold("B")]) == 0.25


def test_a_repeat_gives_one_pair_and_an_emoji_outside_the_alphabet_a_wrong_one():
    assert one("brier", scored("A A", 0.5, 0.1), "A") == 0.25
    assert one("brier", scored("Q", 0.5), "Q") == 1.25  # it is never right
    assert one("brier", scored("Q A", 1.0, 1.0), "A") == 1
    assert one("ece", scored("Q A", 1.0, 1.0), "A") == 0.5


def test_the_best_matching_reference_says_what_is_right():
    answer = Prediction(("🍎",), 0, (("🍎", 1.0), ("🚗", 0.0)))
    expected = [Expected((("🚗",), ("🍎",)))]
    assert score("brier", [answer], expected) == 0


def draw(seed, n=200):
    random = np.random.default_rng(seed)
    answers, expected, p, y = [], [], [], []
    for _ in range(n):
        labels = random.permutation(SMALL.symbols)[:4].tolist()
        scores = np.round(random.random(4), 1).tolist()
        right = [label for label, s in zip(labels, scores, strict=True) if random.random() < s**2]
        answers.append(Prediction((), 0, tuple(zip(labels, scores, strict=True))))
        expected.append(Expected((tuple(right),)))
        p += scores
        y += [label in right for label in labels]
    return answers, expected, np.array(p), np.array(y, float)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_brier_and_ece_agree_with_sklearn(seed):
    answers, expected, p, y = draw(seed)
    # Four labels a text are ranked, and the gold has no others.
    wanted = 4 * sklearn.brier_score_loss(y, p)
    assert score("brier", answers, expected) == pytest.approx(wanted, abs=1e-12)
    share, mean = calibration.calibration_curve(y, p, n_bins=7)
    counts = total(build("ece", bins=7).statistics(answers, expected, SMALL))[:7]
    weights = counts[counts > 0] / counts.sum()
    wanted = float(weights @ np.abs(share - mean))
    assert score("ece", answers, expected, bins=7) == pytest.approx(wanted, abs=1e-12)
    assert wanted > 0.05


PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(PROBABILITIES, min_size=1, max_size=5), st.integers(1, 12))
def test_ece_agrees_with_a_loop_and_lies_within_its_bounds(rankings, bins):
    answers = [scored(" ".join("ABCDE"[: len(ps)]), *ps) for ps in rankings]
    cells = {}
    for ps in rankings:
        for label, p in zip("ABCDE", ps, strict=False):
            at = next(b for b in range(bins) if p <= (b + 1) / bins)
            pair = cells.setdefault(at, [0.0, 0.0])
            pair[0] += p
            pair[1] += label in "AB"
    wanted = sum(abs(p - y) for p, y in cells.values()) / sum(map(len, rankings))
    got = score("ece", answers, [gold("A B")] * len(answers), bins=bins)
    assert got == pytest.approx(wanted, abs=1e-9)
    assert 0 <= got <= 1
