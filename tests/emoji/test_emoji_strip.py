"""Removal of emoji from prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import emoji as reference
from deshi.emoji import Mode, canonical, inventory, parse, strip

# What makes or belongs to a sequence, and the characters that are emoji by themselves.
PARTS = "\ufe0e\ufe0f\u200d\u20e3" + "".join(map(chr, range(0xE0020, 0xE0080)))
BLOCKS = "".join(map(chr, range(0x1F000, 0x1FB00)))
PRESENTED = "".join(symbol for symbol in inventory() if len(symbol) == 1)
ORDINARY = st.text(st.characters(exclude_characters=PARTS + BLOCKS + PRESENTED))
JAPANESE = st.text("今日は雨、カラオケ〜。ABC123#*©®™㊗㊙〰〽☀❤☺♪★♡⬆①㈱ｶﾞが\n 　")
TEXT = st.one_of(ORDINARY, JAPANESE)
EMOJI = st.sampled_from(
    [
        symbol
        for symbol, entry in reference.EMOJI_DATA.items()
        if entry["E"] <= 16
        and entry["status"]
        in {reference.STATUS["fully_qualified"], reference.STATUS["minimally_qualified"]}
    ]
)
# Pieces of sequences, in any order: FE0E, FE0F, ZWJ, 20E3 and two tags among them.
SOUP = tuple("❤☝1©🇯🇵👩👨🤝🏻🏿🏴🐱😀🫪あ〜x\ufe0e\ufe0f\u200d\u20e3\U000e0067\U000e007f")


def test_the_worked_example_of_the_policy():
    cleaned, removed = strip("©2020 1位 ㊗合格 ❤ 〰 ♪★♡ ™ ⬆ 5️⃣")
    assert cleaned == "©2020 1位 ㊗合格 ❤ 〰 ♪★♡ ™ ⬆ "
    assert removed == ("5️⃣",)


@pytest.mark.parametrize(
    ("text", "cleaned", "removed"),
    [
        ("今日は😊楽しい", "今日は楽しい", "😊"),
        ("好き❤️", "好き", "❤️"),
        ("好き❤", "好き❤", ""),
        ("好き❤︎", "好き❤︎", ""),
        ("やった👍🏻！", "やった！", "👍"),
        ("ほら☝🏻", "ほら", "☝️"),
        ("家族👨‍👩‍👧だ", "家族だ", "👨‍👩‍👧"),
        ("忍者🐱‍👤だ", "忍者だ", "🐱 👤"),
        ("a😀‍b", "ab", "😀"),
        ("a😀️🏻‍b", "ab", "😀"),
        ("☀‍😀", "☀", "😀"),
        ("🫪‍👤", "🫪", "👤"),
        ("👤‍🫪", "🫪", "👤"),
        ("☀‍☁‍", "☀‍☁‍", ""),
        ("🫪‍🫪‍👤", "🫪‍🫪", "👤"),
        ("🇯‍👤", "🇯", "👤"),
        ("日本🇯🇵🇺", "日本🇺", "🇯🇵"),
        ("a🏴󠁵󠁳󠁴󠁸󠁿b", "ab", "🏴"),
        ("新しい🫪絵文字", "新しい🫪絵文字", ""),
        ("〜♪", "〜♪", ""),
        ("క్‍ష", "క్‍ష", ""),
        ("", "", ""),
    ],
)
def test_an_emoji_goes_with_all_that_belongs_to_it(text, cleaned, removed):
    assert strip(text) == (cleaned, tuple(removed.split()))


def test_every_sequence_goes_without_a_trace():
    for symbol, entry in reference.EMOJI_DATA.items():
        single = len(symbol) == 1 and entry["status"] == reference.STATUS["unqualified"]
        if entry["E"] <= 16 and entry["status"] != reference.STATUS["component"] and not single:
            assert strip(f"a{symbol}b") == ("ab", (canonical(symbol),))


@given(TEXT)
def test_text_without_emoji_is_left_unchanged(text):
    assert strip(text) == (text, ())


@given(st.lists(st.tuples(TEXT, EMOJI)), TEXT)
def test_what_stands_between_emoji_is_left_unchanged(pairs, end):
    text = "".join(before + symbol for before, symbol in pairs) + end
    assert strip(text) == (
        "".join(before for before, _ in pairs) + end,
        tuple(canonical(symbol) for _, symbol in pairs),
    )


@given(st.one_of(st.text(), st.lists(st.sampled_from(SOUP), max_size=12).map("".join)))
def test_nothing_is_added_and_no_ordinary_character_lost(text):
    cleaned, removed = strip(text)
    remaining = iter(text)
    assert all(character in remaining for character in cleaned)
    assert removed == parse(text, mode=Mode.TEXT).emojis
    assert bool(removed) == (cleaned != text)
    for ordinary in "あ〜x©":
        presented = sum(symbol == canonical(ordinary) for symbol in removed)
        assert cleaned.count(ordinary) == text.count(ordinary) - presented
