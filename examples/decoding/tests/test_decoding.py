"""The student keeps deshi's contract, and its rule selects the set of the highest expected F1."""

from itertools import product
from typing import ClassVar

import numpy as np
import pytest
from deshi_decoding.rules import ExpectedF1, expected_f1

from deshi.api import Expected
from deshi.testing import StudentContract


class TestCharacters(StudentContract):
    use = "decoding/characters"
    params: ClassVar = {
        "epochs": 12,
        "width": 16,
        "buckets": 500,
        "batch-size": 8,
        "warmup-steps": 5,
    }


def by_enumeration(values, k):
    """Return the expected F1 of the first k labels: the sum over every set of correct labels."""
    total = 0.0
    for correct in product((0, 1), repeat=len(values)):
        probability = np.prod([p if one else 1 - p for p, one in zip(values, correct, strict=True)])
        total += probability * 2 * sum(correct[:k]) / (k + sum(correct))
    return total


@pytest.mark.parametrize("values", [[0.9, 0.6, 0.3, 0.1], [0.4, 0.4, 0.4], [1.0, 0.0]])
def test_the_expected_f1_is_that_of_all_sets_of_labels(values):
    found = expected_f1(np.array([values]), len(values))[0]
    wanted = [by_enumeration(values, k) for k in range(1, len(values) + 1)]
    assert found == pytest.approx(wanted)


def test_what_is_tuned_is_the_factor_of_the_highest_f1():
    values = np.array([[0.5, 0.2, 0.2, 0.01]] * 4)
    rule = ExpectedF1()
    one = rule.tune(values, [Expected((("😀",),))] * 4, "😀😢🎉🍣", 1.0)
    all_three = rule.tune(values, [Expected((("😀", "😢", "🎉"),))] * 4, "😀😢🎉🍣", 3.0)
    assert (rule.select(values, 5, one) >= 0).sum(-1).tolist() == [1] * 4
    assert (rule.select(values, 5, all_three) >= 0).sum(-1).tolist() == [3] * 4
