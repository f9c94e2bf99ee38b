"""The order of an answer: vectors of the domain report, section 5.5, and agreement with scipy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_kit import SMALL, build, gold, one, pred, random_pairs, score
from scipy.stats import kendalltau

NAMES = ("first-position", "exact-position", "kendall-tau")


@pytest.mark.parametrize(
    ("answer", "first", "exact", "tau"),
    [
        ("A C B", 1, 1 / 3, 1 / 3),
        ("C B A", 0, 1 / 3, -1),
        ("A B C", 1, 1, 1),
        ("B A", 0, 0, -1),
        ("A", 1, 1 / 3, None),
        ("X Y", 0, 0, None),
        ("", 0, 0, None),
    ],
)
def test_an_answer_against_a_b_c(answer, first, exact, tau):
    assert one("first-position", answer, "A B C") == first
    assert one("exact-position", answer, "A B C") == pytest.approx(exact)
    got = one("kendall-tau", answer, "A B C")
    assert math.isnan(got) if tau is None else got == pytest.approx(tau)


def test_both_empty_is_right_and_has_no_order():
    assert one("first-position", "", "") == 1
    assert one("exact-position", "", "") == 1
    assert math.isnan(one("kendall-tau", "", ""))


def test_an_answer_that_is_too_long_loses_places():
    assert one("exact-position", "A B C D", "A B") == 0.5
    assert one("exact-position", pred("A B", unknown=2), "A B") == 0.5
    assert one("exact-position", pred("", unknown=1), "") == 0


def test_an_emoji_outside_the_alphabet_is_in_no_right_place():
    assert one("first-position", "Q A", "Q A") == 0
    assert one("exact-position", "Q A", "Q A") == 0.5
    assert one("first-position", "Q A", "A") == 0


def test_items_without_an_order_are_left_out_of_the_mean():
    answers = [pred("A C B"), pred("A"), pred("B A")]
    expected = [gold("A B C"), gold("A B"), gold("A B")]
    assert score("kendall-tau", answers, expected) == pytest.approx((1 / 3 - 1) / 2)


def test_a_repeat_stands_where_it_stands_first():
    assert one("kendall-tau", "A A B A C", "A B C") == 1
    assert one("exact-position", "A A B", "A B B") == pytest.approx(2 / 3)


def test_the_best_matching_reference_judges_the_order():
    assert one("first-position", "A B", "C A", "B A") == 0
    assert one("kendall-tau", "A B", "A C X", "B A") == -1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_kendall_tau_agrees_with_scipy(seed):
    predicted, expected = random_pairs(seed, 300, longest=9, least=0)

    def tau(answer, reference):
        common = [e for e in dict.fromkeys(answer) if e in reference]
        if len(common) < 2:
            return None
        return kendalltau(range(len(common)), [reference.index(e) for e in common]).statistic

    wanted = [tau(p.emojis, e.references[0]) for p, e in zip(predicted, expected, strict=True)]
    got = build("kendall-tau").statistics(predicted, expected, SMALL)
    assert got[:, 1].tolist() == [float(w is not None) for w in wanted]
    assert np.allclose(got[:, 0], [w or 0 for w in wanted], atol=1e-12)
    assert sum(w is not None for w in wanted) > 50


LETTERS = st.lists(st.sampled_from("ABCQ"), max_size=6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(LETTERS, LETTERS, st.integers(0, 2))
def test_places_agree_with_python_lists(answer, reference, unknown):
    both = list(zip(answer, reference, strict=False))
    longer = max(len(answer) + unknown, len(reference))
    agreeing = sum(a == b != "Q" for a, b in both)
    given_answer = pred(" ".join(answer), unknown)
    got = one("exact-position", given_answer, " ".join(reference))
    assert got == pytest.approx(agreeing / longer if longer else 1)
    first = one("first-position", given_answer, " ".join(reference))
    assert first == (answer[:1] == reference[:1] != ["Q"] if answer and reference else longer == 0)
