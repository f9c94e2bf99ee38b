"""Canonical forms: tones fold, FE0F comes back, and nothing else is an emoji."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import emoji as reference
from deshi.emoji import canonical, inventory

TONES = frozenset("🏻🏼🏽🏾🏿")
KNOWN = {
    symbol: entry["status"]
    for symbol, entry in reference.EMOJI_DATA.items()
    if entry["E"] <= 16 and entry["status"] != reference.STATUS["component"]
}
STATUS = reference.STATUS
TONED = [
    symbol
    for symbol, status in KNOWN.items()
    if status == STATUS["fully_qualified"] and TONES & set(symbol)
]


def without_tones(symbol):
    return "".join(character for character in symbol if character not in TONES)


def test_an_emoji_of_the_inventory_is_its_own_canonical_form():
    assert all(canonical(symbol) == symbol for symbol in inventory())


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("❤", "❤️"),
        ("☺", "☺️"),
        ("♥", "♥️"),
        ("☀", "☀️"),
        ("©", "©️"),
        ("㊗", "㊗️"),
        ("1⃣", "1️⃣"),
        ("#⃣", "#️⃣"),
        ("❤‍🔥", "❤️‍🔥"),
        ("🏃‍♀", "🏃‍♀️"),
        ("🕵‍♀", "🕵️‍♀️"),
        ("🏳‍🌈", "🏳️‍🌈"),
        ("👁‍🗨", "👁️‍🗨️"),
    ],
)
def test_fe0f_is_put_back(symbol, expected):
    assert canonical(symbol) == expected


def test_an_fe0f_too_many_is_dropped():
    assert canonical("😀️") == "😀"
    assert canonical("❤️︎") == "❤️"
    assert canonical("👩️‍👧️") == "👩‍👧"


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("👋🏻", "👋"),
        ("☝🏻", "☝️"),
        ("☝️🏻", "☝️"),
        ("✌🏽", "✌️"),
        ("🖐🏿", "🖐️"),
        ("🕵🏻‍♀️", "🕵️‍♀️"),
        ("⛹🏾‍♂️", "⛹️‍♂️"),
        ("🏋🏼", "🏋️"),
        ("🕴🏽", "🕴️"),
        ("👩🏿‍🚀", "👩‍🚀"),
    ],
)
def test_a_tone_is_folded_and_the_form_stays_fully_qualified(symbol, expected):
    assert canonical(symbol) == expected


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("👩🏻‍🤝‍👨🏽", "👫"),
        ("👩🏻‍🤝‍👩🏽", "👭"),
        ("👨🏻‍🤝‍👨🏽", "👬"),
        ("🧑🏻‍❤️‍🧑🏽", "💑"),
        ("🧑🏻‍❤‍🧑🏽", "💑"),
        ("🧑🏻‍❤️‍💋‍🧑🏽", "💏"),
        ("🫱🏻‍🫲🏿", "🤝"),
        ("🧑🏻‍🤝‍🧑🏿", "🧑‍🤝‍🧑"),
        ("👩‍🤝‍👨", "👫"),
    ],
)
def test_a_pair_of_tones_is_folded_into_the_emoji_without_tones(symbol, expected):
    assert canonical(symbol) == expected


def test_the_1875_toned_sequences_all_fold_into_the_inventory():
    assert len(TONED) == 1875
    assert all(canonical(symbol) in inventory() for symbol in TONED)


def test_the_205_whose_tones_cannot_just_be_cut_are_among_them():
    cut = [(symbol, without_tones(symbol)) for symbol in TONED]
    unknown = [symbol for symbol, rest in cut if rest not in reference.EMOJI_DATA]
    unqualified = [
        symbol for symbol, rest in cut if rest not in inventory() and rest in reference.EMOJI_DATA
    ]
    assert (len(unqualified), len(unknown)) == (85, 120)
    assert len({without_tones(symbol) for symbol in unqualified}) == 17
    folded = {canonical(symbol) for symbol in unknown}
    assert folded == {"👫", "👭", "👬", "💑", "💏", "🤝"}


def test_every_toned_emoji_and_no_other_is_marked():
    toned = {info.emoji for info in inventory().values() if info.toned}
    assert toned == {canonical(symbol) for symbol in TONED}


@pytest.mark.parametrize("status", ["fully_qualified", "minimally_qualified", "unqualified"])
def test_every_form_up_to_16_folds_into_the_inventory(status):
    forms = [symbol for symbol, value in KNOWN.items() if value == STATUS[status]]
    assert forms
    assert [symbol for symbol in forms if canonical(symbol) not in inventory()] == []


def test_a_form_without_tones_differs_from_its_canonical_form_by_fe0f_alone():
    for symbol in KNOWN:
        if not TONES & set(symbol):
            assert canonical(symbol).replace("\ufe0f", "") == symbol.replace("\ufe0f", "")


@pytest.mark.parametrize(
    "symbol",
    [
        pytest.param("", id="nothing"),
        pytest.param("1", id="a digit"),
        pytest.param("1️", id="a digit with FE0F and no 20E3"),
        pytest.param("⃣", id="20E3 alone"),
        pytest.param("❤︎", id="text presentation"),
        pytest.param("👋🏻︎", id="text presentation of a toned emoji"),
        pytest.param("🏻", id="a tone alone"),
        pytest.param("🦰", id="a hair component alone"),
        pytest.param("🇯", id="a regional indicator alone"),
        pytest.param("🇦🇦", id="a pair that is no flag"),
        pytest.param("🇯🇵🇺", id="a flag and a half"),
        pytest.param("👨👩👧", id="a family without joiners"),
        pytest.param("🐱‍👤", id="a ZWJ sequence that is not RGI"),
        pytest.param("😀😀", id="two"),
        pytest.param("🫪‍👤", id="an emoji of 17.0 joined to an older one"),
        pytest.param("😀 ", id="an emoji and a space"),
        pytest.param("😀‍", id="an emoji and a joiner"),
        pytest.param("️❤", id="FE0F first"),
        pytest.param("‍😀", id="a joiner first"),
        pytest.param("★", id="a star"),
        pytest.param("♪", id="a note"),
        pytest.param("♡", id="a white heart"),
        pytest.param("笑", id="a character"),
        pytest.param("🫪", id="an emoji of 17.0"),
        pytest.param("🧑‍🩰", id="a sequence of 17.0"),
        pytest.param("🇯🏻🇵", id="a tone in a flag"),
    ],
)
def test_what_is_not_one_emoji_has_no_canonical_form(symbol):
    assert canonical(symbol) is None


# Pieces of sequences, in any order: FE0E, FE0F, ZWJ, 20E3 and two tags among them.
SOUP = tuple("❤☝1©🇯🇵👩👨🤝🏻🏿🏴🫪あ\ufe0e\ufe0f\u200d\u20e3\U000e0067\U000e007f")


@given(st.one_of(st.text(), st.lists(st.sampled_from(SOUP), max_size=8).map("".join)))
def test_canonical_is_total_and_idempotent(symbol):
    emoji = canonical(symbol)
    assert emoji is None or (emoji in inventory() and canonical(emoji) == emoji)
