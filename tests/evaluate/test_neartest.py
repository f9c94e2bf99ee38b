"""Copies that differ in width, punctuation or emoji alone are still copies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.stages.near_duplicates import near_copies, plain

ORIGINAL = "昨日の夜に食べた味噌ラーメンが熱々で最高だった。"


@pytest.mark.parametrize(
    "copy",
    [
        ORIGINAL,
        "昨日の夜に食べた味噌ラーメンが、熱々で最高だった！！",
        "昨日の夜に食べた味噌ﾗｰﾒﾝが熱々で最高だった。",
        "🍜昨日の夜に食べた味噌ラーメンが熱々で最高だった😋",
        "「昨日の夜に食べた 味噌ラーメンが熱々で最高だったよ」",
    ],
    ids=["same", "punctuation", "width", "emoji", "one more character"],
)
def test_a_disguised_copy_is_found(copy: str) -> None:
    assert near_copies([copy], ["別の文です。", ORIGINAL], threshold=0.7) == [1]


def test_another_sentence_on_the_same_subject_is_no_copy() -> None:
    other = "今日の昼に食べた塩ラーメンはぬるくて残念だった。"
    assert near_copies([other], [ORIGINAL], threshold=0.7) == [None]


def test_the_most_similar_test_text_is_named() -> None:
    near = ORIGINAL.replace("最高", "最強")
    assert near_copies([ORIGINAL], [near, ORIGINAL], threshold=0.5) == [1]


def test_texts_without_letters_resemble_nothing() -> None:
    assert near_copies(["！？", "🎉"], ["…", ORIGINAL], threshold=0.7) == [None, None]


@pytest.mark.parametrize(("texts", "test"), [([], [ORIGINAL]), ([ORIGINAL], []), ([], [])])
def test_empty_sides_are_no_error(texts: list[str], test: list[str]) -> None:
    assert near_copies(texts, test, threshold=0.7) == [None] * len(texts)


def jaccard(a: str, b: str) -> float:
    def grams(text: str) -> set[str]:
        letters = plain(text)
        return {letters[i : i + 3] for i in range(max(1, len(letters) - 2))} if letters else set()

    first, second = grams(a), grams(b)
    return len(first & second) / len(first | second) if first and second else 0.0


LETTERS = st.text(alphabet="あいうえ、。", max_size=12)


@given(st.lists(LETTERS, max_size=6), st.lists(LETTERS, max_size=6))
def test_blocks_and_sparse_products_agree_with_sets(texts: list[str], test: list[str]) -> None:
    found = near_copies(texts, test, threshold=0.7)
    for text, at in zip(texts, found, strict=True):
        best = max((jaccard(text, t) for t in test), default=0.0)
        assert (at is not None) == (best >= 0.7 - 1e-12)
        if at is not None:
            assert jaccard(text, test[at]) == pytest.approx(best)
