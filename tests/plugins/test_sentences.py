"""Normalisation and the split into sentences."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deshi_plugins.corpora.normalise import normalise
from deshi_plugins.corpora.sentences import sentences

JAPANESE = st.text(
    alphabet="あ漢カ1aｶﾞﾟＡ　 \t\n。！？!?「」『』（）()、㊗️😀\u200d\u200b", max_size=60
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今日は晴れ。明日は雨！本当？", ["今日は晴れ。", "明日は雨！", "本当？"]),
        ("見出し\n本文だよ。\n\n 次の行", ["見出し", "本文だよ。", "次の行"]),
        ("すごい！！！えっ!?", ["すごい！！！", "えっ!?"]),
        (
            "「行くぞ。待て！」と彼は言った。去った。",
            ["「行くぞ。待て！」と彼は言った。", "去った。"],
        ),
        ("今日（晴れ。のち雨。）は寒い。次。", ["今日（晴れ。のち雨。）は寒い。", "次。"]),
        ("「外『中。』外。」終わり。次", ["「外『中。』外。」終わり。", "次"]),
        ("そうだ。」と言った。次。", ["そうだ。」", "と言った。", "次。"]),
        ("好きだ（笑。次の文。", ["好きだ（笑。", "次の文。"]),
        ("「閉じない。次の文。", ["「閉じない。", "次の文。"]),
        ("（あ「い。）う。え」お。", ["（あ「い。）う。", "え」お。"]),
        ("page.php?id=1を見て!すごい", ["page.php?id=1を見て!", "すごい"]),
        ("終わり。）次", ["終わり。）", "次"]),
        ("3.5mだよ", ["3.5mだよ"]),
        ("", []),
        (" \n　\n", []),
    ],
)
def test_sentences_end_at_marks_and_lines_but_not_in_brackets(text, expected):
    assert list(sentences(text)) == expected


@given(JAPANESE)
@example("「（。」）。")
def test_the_split_keeps_every_character_but_space_and_their_order(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(JAPANESE)
def test_no_sentence_is_empty_or_has_space_around_it(text):
    assert all(sentence and sentence == sentence.strip() for sentence in sentences(text))


@given(JAPANESE)
def test_a_sentence_holds_no_line_break(text):
    assert all(len(sentence.splitlines()) == 1 for sentence in sentences(text))


def test_a_long_line_of_brackets_takes_no_quadratic_time():
    line = "「あ。」" * 20_000 + "（" * 5_000 + "終。"
    assert len(list(sentences(line))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ｶﾞﾝﾀﾞﾑとﾃﾚﾋﾞ｡", "ガンダムとテレビ。"),
        ("カﾞ", "ガ"),
        ("２０２４年ＡｂＣ", "2024年AbC"),
        ("全角　空白\tと\u00a0他  です ", "全角 空白 と 他 です"),
        ("\ufeff幅の\u200bない空白", "幅のない空白"),
    ],
)
def test_widths_and_spaces_are_unified(text, expected):
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "kept", ["©®™", "㊗㊙", "〜～", "♪♫", "①②Ⅳ", "㌔㍍", "！？（）", "ﬁ", "👨‍👩‍👧❤️", "½", "神"]
)
def test_what_nfkc_would_destroy_is_kept(kept):
    assert normalise(kept) == kept


@given(JAPANESE)
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)
