"""The filter `near-duplicate`."""

import pytest
from filter_kit import ENV, item
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import Drop, Keep
from deshi.stages.near_duplicates import near_copies, plain
from deshi_plugins.filters.letters import letters
from deshi_plugins.filters.near_duplicate import NearDuplicate
from deshi_plugins.filters.params import NearDuplicateParams

FIRST = "今日は朝から雨が降って洗濯物が乾きません。"
NEARLY = "昨日は朝から雨が降って洗濯物が乾きません。"
OTHER = "駅前に新しいパン屋ができました。"


def near(threshold=0.7):
    return NearDuplicate(NearDuplicateParams(threshold=threshold), ENV)


def items(*texts, part="train", document="a"):
    return [item(text, part=part, id=f"{document}/{at}") for at, text in enumerate(texts)]


def test_the_first_of_two_near_copies_stays_and_the_other_names_it():
    assert near().decide(items(FIRST, OTHER, NEARLY)) == [
        Keep(),
        Keep(),
        Drop("near-duplicate", f"0.89 a/0: {FIRST}"),
    ]


def test_copies_in_other_widths_and_punctuation_are_copies():
    filter_ = near(1.0)
    texts = (
        "ＡＢＣのカメラを2台買った。",
        "abcのｶﾒﾗを、２台、買った！😀",
        "ABCのカメラを3台買った。",
    )
    assert [type(v) for v in filter_.decide(items(*texts))] == [Keep, Drop, Keep]


def test_a_copy_that_comes_in_a_later_call_is_found():
    filter_ = near()
    assert filter_.decide(items(FIRST)) == [Keep()]
    assert filter_.decide(items(OTHER, document="b")) == [Keep()]
    (verdict,) = filter_.decide(items(NEARLY, document="c"))
    assert verdict.detail == f"0.89 a/0: {FIRST}"


def test_the_most_similar_of_several_is_named():
    filter_ = near(0.5)
    closer = NEARLY.replace("昨", "今").replace("朝", "昼")
    (one, other, third) = filter_.decide(items(FIRST, "昨日は昼から雨がやんだ。", closer))
    assert (one, other) == (Keep(), Keep())
    assert "a/0" in third.detail


def test_a_dropped_text_is_no_reason_to_drop_another():
    drifting = ("あいうえおかきくけこ", "あいうえおかきくけさ", "いうえおかきくけさし")
    verdicts = near().decide(items(*drifting))
    assert [type(v) for v in verdicts] == [Keep, Drop, Keep]


def test_parts_are_apart():
    filter_ = near()
    assert filter_.decide(items(FIRST)) == [Keep()]
    assert filter_.decide(items(FIRST, part="test", document="b")) == [Keep()]
    assert [type(v) for v in filter_.decide(items(FIRST, part="test", document="c"))] == [Drop]


@pytest.mark.parametrize("text", ["", "。！", "😀"])
def test_texts_without_a_letter_are_no_copies(text):
    assert near().decide(items(text, text)) == [Keep(), Keep()]


def test_short_texts_are_compared_whole():
    assert [type(v) for v in near().decide(items("雨", "雪", "雨。"))] == [Keep, Keep, Drop]


def test_the_cut_into_calls_changes_nothing():
    texts = [
        f"{base}{tail}" for tail in ("", "よ", "ね。", "？") for base in (FIRST, NEARLY, OTHER)
    ]
    whole = near().decide(items(*texts))
    filter_, pieces = near(), []
    for start in range(0, len(texts), 5):
        pieces += filter_.decide(items(*texts)[start : start + 5])
    assert pieces == whole


@given(st.text(max_size=40))
def test_letters_are_what_the_host_compares(text):
    assert letters(text) == plain(text)


SENTENCES = st.lists(
    st.text(alphabet="雨が降る日は家で本を読む", min_size=5, max_size=12), max_size=40
)


@given(SENTENCES)
def test_every_drop_is_right_and_no_two_that_stay_are_copies(texts):
    verdicts = near().decide(items(*texts))
    kept = [t for t, v in zip(texts, verdicts, strict=True) if v == Keep()]
    for at, text in enumerate(kept):
        assert near_copies([text], kept[:at], threshold=0.7) == [None]
    for text, verdict in zip(texts, verdicts, strict=True):
        if isinstance(verdict, Drop):
            assert near_copies([text], kept, threshold=0.7) != [None]
