"""Holm's correction and the families it is applied to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.statistics.holm import holm

PS = st.lists(st.none() | st.floats(0, 1), max_size=30)


def test_holm_gives_the_published_figures() -> None:
    # R's p.adjust(c(.01, .04, .03, .005), "holm"), and its help page's rule on ties.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.01, 0.01, 0.01]) == pytest.approx([0.03, 0.03, 0.03])
    assert holm([0.5, 0.6]) == [1.0, 1.0]


def test_holm_agrees_with_the_definition_written_out() -> None:
    ps = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    expected = [max(min(1, (10 - j) * ps[j]) for j in range(i + 1)) for i in range(10)]
    assert holm(ps) == pytest.approx(expected)


def test_what_has_no_verdict_passes_through_and_does_not_count() -> None:
    assert holm([None, 0.01, float("nan"), 0.04]) == pytest.approx([None, 0.02, None, 0.04])
    assert holm([None]) == [None]
    assert holm([]) == []


@given(PS)
def test_adjusted_p_is_at_least_p_at_most_1_and_in_the_same_order(ps) -> None:
    adjusted = holm(ps)
    pairs = [(p, q) for p, q in zip(ps, adjusted, strict=True) if p is not None]
    assert [p is None for p in ps] == [q is None for q in adjusted]
    assert all(p <= q <= 1 for p, q in pairs)
    in_order = [q for _, q in sorted(pairs)]
    assert in_order == sorted(in_order)


@given(PS, st.randoms(use_true_random=False))
def test_the_order_of_comparisons_does_not_matter(ps, random) -> None:
    order = list(range(len(ps)))
    random.shuffle(order)
    adjusted = holm(ps)
    assert holm([ps[at] for at in order]) == [adjusted[at] for at in order]


@given(PS)
def test_holm_is_never_harsher_than_bonferroni(ps) -> None:
    m = sum(p is not None for p in ps)
    for p, q in zip(ps, holm(ps), strict=True):
        assert p is None or q <= min(1, m * p)
