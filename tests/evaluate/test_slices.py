"""A row's value on parts of the test set."""

import numpy as np
import pytest

from deshi.api import Expected
from deshi_tools.error_analysis.slices import (
    frequency_classes,
    frequency_slice,
    length_slice,
    slices,
)


class Mean:
    def value(self, sums, n):
        return np.divide(sums[..., 0], n, out=np.full(np.shape(n), np.nan), where=n > 0)


def cut(names, values, documents):
    runs = [np.array(values, float)[:, np.newaxis]]
    found = slices(Mean(), runs, {"by": names}, documents, bounds=(0, 1), resamples=500)
    return {one.name: one for one in found}


def test_each_slice_has_its_own_value_size_and_interval():
    values = np.random.default_rng(0).random(40)
    names = ["a", "b"] * 20
    documents = [str(i // 4) for i in range(40)]
    found = cut(names, values, documents)
    for name, at in (("a", slice(0, None, 2)), ("b", slice(1, None, 2))):
        one = found[name]
        assert one.value == pytest.approx(values[at].mean())
        assert (one.texts, one.documents) == (20, 10)
        assert 0 <= one.low < one.value < one.high <= 1


def test_slices_are_the_whole_cut_up():
    values = np.random.default_rng(1).random(12)
    found = cut(list("abcabcabcabc"), values, list("xyxyxyxyxyxy"))
    whole = sum(one.value * one.texts for one in found.values()) / 12
    assert whole == pytest.approx(values.mean())


def test_one_document_has_a_value_and_no_interval():
    one = cut(["a", "a"], [0, 1], ["d", "d"])["a"]
    assert (one.value, one.low, one.high) == (0.5, None, None)
    assert one.reason.startswith("one document")


def test_lengths_and_classes_come_in_their_order():
    names = ["over 60", "up to 20", "41 to 60", "21 to 40"]
    assert list(cut(names, [1, 1, 0, 0], list("abcd"))) == [
        "up to 20",
        "21 to 40",
        "41 to 60",
        "over 60",
    ]


@pytest.mark.parametrize(
    ("n", "name"),
    [(1, "up to 20"), (20, "up to 20"), (21, "21 to 40"), (60, "41 to 60"), (61, "over 60")],
)
def test_a_length_is_counted_in_characters(n, name):
    assert length_slice("文" * n) == name


COUNTS = {"📚": 40, "⚾": 30, "😊": 20, "🎓": 10, "🎵": 4}


def test_frequent_emoji_make_up_half_of_all_labels_and_rare_ones_are_in_few_texts():
    classes = frequency_classes(COUNTS)
    assert classes == {
        "📚": "frequent",
        "⚾": "frequent",
        "😊": "middle",
        "🎓": "middle",
        "🎵": "rare",
    }
    assert frequency_classes({"📚": 2, "⚾": 1}) == {"📚": "rare", "⚾": "rare"}


def test_a_text_counts_by_the_emoji_that_training_showed_most():
    classes = frequency_classes(COUNTS)

    def named(*references):
        return frequency_slice(Expected(tuple(map(tuple, references))), COUNTS, classes)

    assert named("🎵📚") == "frequent"
    assert named("🎵", "😊") == "middle"
    assert named("🎵") == "rare"
    assert named("🏀") == "never in training"
    assert named("") == "no gold emoji"
