"""Documents are cut into sentences at once as they are one by one."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deshi_plugins.corpora.normalise import normalise
from deshi_plugins.corpora.sentence_splitter import split_sentences
from deshi_plugins.corpora.sentences import sentences

PAGES = Path(__file__).parents[3] / "shared" / "data" / "wikipedia" / "pages.parquet"

PIECES = st.sampled_from(
    [
        *"あ漢カ1a。！？!?「」『』（）()、=. \u3000\n\r\t\x0b\x1c\x1f\x85\u2028\xa0\u2003",
        *(
            "\u200b",
            "\ufeff",
            "\u200d",
            "ｶ",
            "ﾞ",
            "｡",
            "｢",
            "Ａ",
            "０",
            "㊗",
            "〜",
            "♪",
            "©",
            "😀",
            "𠮷",
        ),
        *("\r\n", "。」", "「あ。い」", "（笑）", "  ", "\x00", "�"),
    ]
)
TEXTS = st.lists(
    st.one_of(st.none(), st.text(), st.lists(PIECES, max_size=30).map("".join)), max_size=5
)


def one_by_one(texts):
    return [
        (sentence, document)
        for document, text in enumerate(texts)
        for line in sentences(text or "")
        if (sentence := normalise(line))
    ]


def batch_size(array):
    found = split_sentences(array)
    return list(zip(found.sentences.to_pylist(), found.documents.tolist(), strict=True))


@settings(deadline=None, max_examples=400)
@given(TEXTS)
@example(["「あ）。（い」。", "（あ「い。）う。え」お。"])
@example(["page.php?id=1を見て!すごい", "!!a", "。!a", "?\u200b"])
@example(["", None, " \n　\n", "\u200b"])
def test_both_ways_give_the_same_sentences(texts):
    assert batch_size(pa.array(texts, pa.string())) == one_by_one(texts)


@settings(deadline=None)
@given(TEXTS, st.integers(0, 5), st.integers(0, 5))
def test_a_slice_of_a_column_is_cut_alone(texts, start, length):
    array = pa.array(texts, pa.string()).slice(start, length)
    assert batch_size(array) == one_by_one(texts[start : start + length])


def test_every_character_is_treated_alike():
    texts = [
        f"あ。{chr(c)}い{chr(c)}{chr(c)}。 {chr(c)}"
        for c in range(0x11000)
        if not 0xD800 <= c < 0xE000
    ]
    assert batch_size(pa.array(texts, pa.string())) == one_by_one(texts)


@pytest.mark.skipif(not PAGES.exists(), reason="the real pages are not here")
def test_real_pages_are_cut_alike():
    texts = pq.read_table(PAGES)["text"].combine_chunks()
    assert batch_size(texts) == one_by_one(texts.to_pylist())


def test_a_line_of_a_megabyte_is_cut():
    lines = ["あ" * 350_000, "「" * 350_000, "あ。" * 175_000, " " * 1_000_000 + "い"]
    found = batch_size(pa.array(lines, pa.string()))
    assert [len(text) for text, _ in found if len(text) > 10] == [350_000, 350_000]
    assert len(found) == 175_000 + 3
