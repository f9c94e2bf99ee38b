"""Folding of gender, where it is asked for."""

import pytest

from deshi.emoji import canonical, fold_gender, inventory


@pytest.mark.parametrize(
    ("gendered", "neutral"),
    [
        ("🏃‍♀️", "🏃"),
        ("🏃‍♂️", "🏃"),
        ("🚶‍♀️‍➡️", "🚶‍➡️"),
        ("🕵️‍♀️", "🕵️"),
        ("👩", "🧑"),
        ("👦", "🧒"),
        ("👵", "🧓"),
        ("👩‍⚕️", "🧑‍⚕️"),
        ("👨‍🦰", "🧑‍🦰"),
        ("👸", "🫅"),
        ("🤶", "🧑‍🎄"),
        ("🤰", "🫄"),
        ("👫", "🧑‍🤝‍🧑"),
        ("👩‍❤️‍👨", "💑"),
        ("👨‍❤️‍💋‍👨", "💏"),
        ("👨‍👩‍👧‍👦", "🧑‍🧑‍🧒‍🧒"),
        ("👩‍👧", "🧑‍🧒"),
    ],
)
def test_a_gendered_emoji_folds_to_its_neutral_counterpart(gendered, neutral):
    assert fold_gender(gendered) == neutral


@pytest.mark.parametrize("symbol", ["😀", "🏃", "🧑", "♀️", "♂️", "⚧️", "🏳️‍⚧️", "💃", "👪", "🐈‍⬛", "x"])
def test_what_has_no_counterpart_stays(symbol):
    assert fold_gender(symbol) == symbol


def test_folding_is_idempotent_and_stays_in_the_inventory():
    for symbol in inventory():
        folded = fold_gender(symbol)
        assert folded in inventory()
        assert fold_gender(folded) == folded


def test_no_gender_sign_and_no_man_or_woman_is_left_in_a_sequence():
    for symbol in inventory():
        folded = fold_gender(symbol)
        assert "\u200d♀" not in folded
        assert "\u200d♂" not in folded
        assert not {"👨", "👩", "👦", "👧"} & set(folded)


def test_parsing_does_not_fold_gender():
    assert canonical("🏃🏻‍♀️") == "🏃‍♀️"
