"""Parsing of labels and of prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import emoji as reference
from deshi.emoji import Mode, Parsed, canonical, inventory, parse

CANONICAL = st.sampled_from(tuple(inventory()))
FULLY_QUALIFIED = st.sampled_from(
    [
        symbol
        for symbol, entry in reference.EMOJI_DATA.items()
        if entry["status"] == reference.STATUS["fully_qualified"] and entry["E"] <= 16
    ]
)
SEPARATORS = [" ", "\u3000", "\n", "\t", "、", "､", ",", "，", "・", "･", "/", "／"]
# Pieces of sequences, in any order: FE0E, FE0F, ZWJ, 20E3 and two tags among them.
SOUP = tuple("❤☝1©🇯🇵👩👨🤝🏻🏿🏴🐱😀🫪あ x\ufe0e\ufe0f\u200d\u20e3\U000e0067\U000e007f")


def labels(text):
    return parse(text, mode=Mode.LABELS)


def prose(text):
    return parse(text, mode=Mode.TEXT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("❤", "❤️", id="bare heart"),
        pytest.param("☺♥☀", "☺️ ♥️ ☀️", id="bare symbols"),
        pytest.param("☝🏻", "☝️", id="tone on a text-default base"),
        pytest.param("👨👩👧", "👨 👩 👧", id="lost joiners are not put back"),
        pytest.param("👨‍👩‍👧", "👨‍👩‍👧", id="one family"),
        pytest.param("1⃣", "1️⃣", id="keycap without FE0F"),
        pytest.param("🐱‍👤", "🐱 👤", id="ZWJ sequence that is not RGI"),
        pytest.param("👨‍👩‍👧‍👦‍👦", "👨‍👩‍👧‍👦 👦", id="the longest RGI sequence first"),
        pytest.param("👩‍‍👧", "👩 👧", id="two joiners"),
        pytest.param("🇯🇵🇺🇸", "🇯🇵 🇺🇸", id="two flags"),
        pytest.param("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", id="tag flag"),
        pytest.param("🏴󠁵󠁳󠁴󠁸󠁿", "🏴", id="tag sequence that is not RGI"),
        pytest.param("🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴‍☠️🏴", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴‍☠️ 🏴", id="three black flags"),
        pytest.param("1️⃣2⃣🔟", "1️⃣ 2️⃣ 🔟", id="keycaps in a row"),
        pytest.param("😀️", "😀", id="FE0F too many"),
        pytest.param("😀🏻", "😀", id="tone on what takes none"),
        pytest.param("😀‍", "😀", id="joiner with nothing behind"),
        pytest.param("👩🏻‍🤝‍👨🏽🧑🏻‍❤️‍🧑🏽🫱🏻‍🫲🏿", "👫 💑 🤝", id="toned pairs"),
        pytest.param("🧑‍🩰", "🧑 🩰", id="sequence of 17.0 made of older emoji"),
        pytest.param("👯🏻", "👯", id="tone of 17.0 on an older emoji"),
        pytest.param("😊 😊", "😊 😊", id="repetition"),
        pytest.param("", "", id="nothing"),
        pytest.param(" \n、", "", id="separators"),
    ],
)
def test_labels_made_of_emoji(text, expected):
    assert labels(text) == Parsed(tuple(expected.split()), 0)


@pytest.mark.parametrize(
    ("text", "expected", "unknown"),
    [
        pytest.param("❤︎", "", 1, id="text presentation is asked for"),
        pytest.param("👋🏻︎", "", 1, id="text presentation of a sequence"),
        pytest.param("❤︎‍🔥", "🔥", 1, id="text presentation within a sequence"),
        pytest.param("1", "", 1, id="digit"),
        pytest.param("🇯", "", 1, id="lone regional indicator"),
        pytest.param("🇯🇵🇺", "🇯🇵", 1, id="flag and a half"),
        pytest.param("🇦🇦🇯🇵", "🇯🇵", 1, id="pair that is no flag"),
        pytest.param("🇽🇯🇵", "", 1, id="pairs are made from the left"),
        pytest.param("🏻", "", 1, id="lone tone"),
        pytest.param("😀‍🦰", "😀", 1, id="hair component"),
        pytest.param("a🦰b", "", 1, id="one run"),
        pytest.param("🫪", "", 1, id="emoji of 17.0"),
        pytest.param("🫪🏻‍👤", "👤", 1, id="emoji of 17.0 in a sequence"),
        pytest.param("★♪♡", "", 1, id="symbols that are no emoji"),
        pytest.param("答え：😀 です", "😀", 2, id="prose around"),
        pytest.param("a b、c・d／e", "", 5, id="words"),
        pytest.param("a😀b", "😀", 2, id="an emoji ends a run"),
    ],
)
def test_labels_with_unknown_pieces(text, expected, unknown):
    assert labels(text) == Parsed(tuple(expected.split()), unknown)


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_separator_is_not_unknown(separator):
    assert labels(f"😀{separator}🎉{separator}") == Parsed(("😀", "🎉"), 0)


@pytest.mark.parametrize("character", "©®™〰〽㊗㊙☺♥☀⬆❤☝✌1★♪♡〜")
def test_prose_keeps_a_character_without_emoji_presentation(character):
    assert prose(character) == Parsed((), 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("❤️", "❤️"),
        ("©️", "©️"),
        ("㊗️", "㊗️"),
        ("⌚", "⌚"),
        ("😀", "😀"),
        ("☝🏻", "☝️"),
        ("🇯🇵", "🇯🇵"),
        ("5️⃣", "5️⃣"),
        ("5⃣", "5️⃣"),
        ("❤‍🔥", "❤️‍🔥"),
        ("🕵‍♀", "🕵️‍♀️"),
    ],
)
def test_prose_takes_emoji_presentation_and_sequences(text, expected):
    assert prose(text) == Parsed((expected,), 0)


def test_a_tone_presents_only_a_base_that_has_tones():
    assert prose("©🏻") == Parsed((), 1)


def test_the_modes_have_the_values_of_their_names():
    assert [mode.value for mode in Mode] == ["labels", "text"]


@given(st.lists(CANONICAL), st.sampled_from(["", *SEPARATORS]))
def test_what_is_joined_is_parsed_again(symbols, separator):
    for mode in Mode:
        assert parse(separator.join(symbols), mode=mode) == Parsed(tuple(symbols), 0)


@given(st.lists(FULLY_QUALIFIED), st.sampled_from(["", " ", "、"]))
def test_parsing_agrees_with_the_emoji_package(symbols, separator):
    text = separator.join(symbols)
    found = tuple(canonical(match["emoji"]) for match in reference.emoji_list(text))
    assert labels(text).emojis == found == tuple(map(canonical, symbols))


@given(st.one_of(st.text(), st.lists(st.sampled_from(SOUP), max_size=12).map("".join)))
def test_parse_takes_any_string(text):
    as_labels, as_text = labels(text), prose(text)
    assert set(as_labels.emojis) <= set(inventory())
    assert 0 <= as_labels.unknown <= len(text)
    remaining = iter(as_labels.emojis)
    assert all(symbol in remaining for symbol in as_text.emojis)


def test_a_long_chain_takes_linear_time():
    assert labels("👨‍" * 20_000).emojis == ("👨",) * 20_000
