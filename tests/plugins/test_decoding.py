"""From scores to sets of emoji."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deshi.api import Expected
from deshi_plugins.students.decoder import Decoder
from deshi_plugins.students.rule_names import RULES
from deshi_plugins.students.rules import best_threshold, expected_jaccard_sizes, threshold_sizes
from deshi_plugins.students.selection import jaccard_by_size, ranking

SYMBOLS = tuple("😀😢🎉🍣🐱🐶🌸")
LOGITS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, len(SYMBOLS))),
    elements=st.floats(-1e4, 1e4),
)


def rows(*values):
    return np.array(values, dtype=np.float64)


def decoder(rule, *, size=1.0, threshold=0.5):
    return Decoder(rule=RULES[rule](), state={"size": size, "threshold": threshold})


def sizes(labels):
    return (labels >= 0).sum(-1).tolist()


def test_the_prefix_of_the_highest_expected_jaccard_is_taken():
    values = rows([0.7, 0.5, 0.3, 0.1])
    expected = [sum(values[0, :k]) / (k + 1.6 - sum(values[0, :k])) for k in (1, 2, 3, 4)]
    assert expected == pytest.approx([0.3684, 0.5, 0.4839, 0.4], abs=1e-4)
    assert expected_jaccard_sizes(values, values.sum(-1)).tolist() == [2]


def test_the_threshold_takes_what_reaches_it_and_at_least_one():
    values = rows([0.9, 0.5, 0.1], [0.2, 0.1, 0.0])
    assert threshold_sizes(values, 0.5).tolist() == [2, 1]


def test_zero_takes_logits_above_zero_and_at_least_one():
    zero = decoder("zero")
    values = zero.probabilities(rows([2, 0.1, -1, 0], [-1, -2, -3, -4]))
    assert zero.select(values, 5).tolist() == [[0, 1, -1, -1], [0, -1, -1, -1]]


def test_softmax_shares_are_scaled_to_the_size_of_the_labels():
    # Two sure labels share the softmax: each has a share of .5, and a chance of 1.
    values = rows([0.49, 0.49, 0.02])
    assert sizes(decoder("expected-jaccard", size=2).select(values, 5)) == [2]
    assert sizes(decoder("expected-jaccard").select(rows([0.9, 0.05, 0.05]), 5)) == [1]


def test_no_label_is_more_likely_than_certain_however_large_its_share():
    # 3 · .85 counts as 1: 1 / 1.45 for one emoji is less than 1.45 / 2 for two.
    assert sizes(decoder("expected-jaccard", size=3).select(rows([0.85, 0.15]), 5)) == [2]


def test_equal_scores_stand_in_the_order_of_the_alphabet():
    assert ranking(rows([1, 2, 2, 1]), 3).tolist() == [[1, 2, 0]]


def test_jaccard_of_each_prefix_takes_the_best_reference():
    expected = [Expected((("😢",), ("😀", "🎉"))), Expected(())]
    table = jaccard_by_size(np.array([[0, 1, 2], [0, 1, 2]]), SYMBOLS, expected)
    assert table.tolist() == [pytest.approx([1 / 2, 1 / 2, 2 / 3]), [0, 0, 0]]


def test_an_emoji_outside_the_alphabet_counts_against_every_prefix():
    table = jaccard_by_size(np.array([[0]]), SYMBOLS, [Expected((("😀", "🚀"),))])
    assert table.tolist() == [[1 / 2]]


def test_the_threshold_is_tuned_for_mean_jaccard():
    values = rows([0.9, 0.8, 0.1], [0.85, 0.2, 0.1])
    jaccard = rows([0.5, 1.0, 0.67], [1.0, 0.5, 0.33])
    threshold = best_threshold(values, jaccard)
    assert 0.2 < threshold <= 0.8
    assert threshold_sizes(values, threshold).tolist() == [2, 1]


def test_tuning_reports_the_jaccard_that_the_decoder_reaches():
    values = rows([0.9, 0.8, 0.1], [0.85, 0.2, 0.1])
    expected = [Expected((("😀", "😢"),)), Expected((("😀",),))]
    found, jaccard = Decoder.tune(RULES["threshold"](), values, expected, SYMBOLS, 1.5)
    assert jaccard == 1
    assert sizes(found.select(values, 5)) == [2, 1]


@pytest.mark.parametrize("rule", RULES)
def test_probabilities_are_finite_at_extreme_logits(rule):
    values = decoder(rule).probabilities(rows([1e4, -1e4, 0]))
    assert np.isfinite(values).all()
    assert values[0, 0] == 1
    assert values[0, 1] == 0


@given(LOGITS, st.sampled_from(sorted(RULES)), st.integers(1, 5), st.floats(0, 1), st.floats(1, 5))
def test_decoding_gives_one_to_five_distinct_emoji_of_the_alphabet(
    logits, rule, places, threshold, size
):
    symbols = SYMBOLS[: logits.shape[1]]
    used = decoder(rule, size=size, threshold=threshold)
    found = used.predict(used.probabilities(logits), places, symbols)
    assert len(found) == len(logits)
    for one in found:
        assert 1 <= len(one.emojis) <= places
        assert len(set(one.emojis)) == len(one.emojis)
        assert set(one.emojis) <= set(symbols)
        assert one.ranked is not None
        assert tuple(emoji for emoji, _ in one.ranked)[: len(one.emojis)] == one.emojis
        scores = [score for _, score in one.ranked]
        assert scores == sorted(scores, reverse=True)


@given(LOGITS, st.integers(1, 9))
def test_few_places_are_those_of_a_stable_sort_of_all(values, places):
    coarse = np.round(values, -3)
    every = np.argsort(-coarse, axis=-1, kind="stable")
    assert ranking(coarse, places).tolist() == every[:, :places].tolist()
    coarse[0, 0] = -np.inf
    every = np.argsort(-coarse, axis=-1, kind="stable")
    assert ranking(coarse, places).tolist() == every[:, :places].tolist()


@given(st.integers(0, 1000))
def test_the_threshold_is_the_best_of_its_candidates_one_by_one(seed):
    random = np.random.default_rng(seed)
    values, jaccard = -np.sort(-random.random((7, 3)), -1), random.random((7, 3))
    candidates = np.unique(np.quantile(values, np.linspace(0, 1, 101)))
    means = [jaccard[np.arange(7), threshold_sizes(values, one) - 1].mean() for one in candidates]
    assert best_threshold(values, jaccard) == candidates[int(np.argmax(means))]
