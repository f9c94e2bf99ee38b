"""The command counts what was predicted in place of what."""

from deshi_confusions.confusions import confusions

from deshi.api import Expected, Prediction


def test_a_missed_first_emoji_is_paired_with_the_one_in_its_place():
    expected = [Expected(((gold,),)) for gold in ("😢", "😢", "🎉", "🍜")]
    predictions = [Prediction(emojis=(emoji,)) for emoji in ("😂", "😂", "🎉", "😂")]
    assert confusions(expected, predictions) == (("😢", "😂", 2), ("🍜", "😂", 1))


def test_an_emoji_that_is_elsewhere_in_the_set_is_no_confusion():
    expected = [Expected((("😢", "😂"),)), Expected((("😢",),))]
    predictions = [Prediction(emojis=("😂",)), Prediction(emojis=("😂", "😢"))]
    assert confusions(expected, predictions) == ()
