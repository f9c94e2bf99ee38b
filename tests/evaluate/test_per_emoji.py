"""Precision, recall and F1 per emoji."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "metrics"))

from metric_kit import LETTERS, SMALL, gold, pred, random_pairs, score

from deshi.api import Expected, Prediction
from deshi_tools.error_analysis.per_emoji import per_emoji

sklearn = pytest.importorskip("sklearn.metrics")
A, B, C, D = (LETTERS[letter] for letter in "ABCD")


def by_emoji(*runs, expected):
    return {one.emoji: one for one in per_emoji(runs, expected)}


def test_counts_and_ratios_of_each_emoji():
    found = by_emoji([pred("A"), pred("C D")], expected=[gold("A B"), gold("C")])
    assert (found[A].precision, found[A].recall, found[A].f1) == (1, 1, 1)
    assert (found[B].precision, found[B].recall, found[B].f1) == (None, 0, 0)
    assert (found[D].precision, found[D].recall, found[D].f1) == (0, None, 0)
    assert (found[D].gold, found[D].predicted) == (0, 1)


def test_the_most_frequent_in_the_gold_comes_first():
    found = per_emoji([[pred("D D D"), pred("D")]], [gold("A B"), gold("B C")])
    assert found[0].emoji == B
    assert found[-1].emoji == D
    assert {one.emoji for one in found} == {A, B, C, D}


def test_several_runs_are_counted_together_and_shown_as_means():
    found = by_emoji([pred("A")], [pred("B")], expected=[gold("A")])
    assert (found[A].gold, found[A].predicted, found[A].recall) == (1, 0.5, 0.5)


def test_the_nearest_reference_says_what_is_right():
    found = by_emoji([pred("A")], expected=[gold("B C", "A D")])
    assert set(found) == {A, D}


@pytest.mark.parametrize("seed", [0, 1])
def test_figures_agree_with_sklearn_and_their_mean_with_macro_f1(seed):
    predicted, expected = random_pairs(seed, 200)
    predicted = [Prediction(p.emojis) for p in predicted]
    expected = [Expected(e.references[:1]) for e in expected]
    matrix = [
        np.array([[e in answer for e in SMALL.symbols] for answer in side], int)
        for side in ([e.references[0] for e in expected], [p.emojis for p in predicted])
    ]
    found = by_emoji(predicted, expected=expected)
    precision, recall, f1, support = sklearn.precision_recall_fscore_support(*matrix)
    for at, emoji in enumerate(SMALL.symbols):
        one = found[emoji]
        wanted = (precision[at], recall[at], f1[at], support[at])
        assert (one.precision, one.recall, one.f1, one.gold) == pytest.approx(wanted)
    mean = np.mean([one.f1 for one in found.values()])
    assert score("macro-f1", predicted, expected) == pytest.approx(mean)
