"""How casually a text is written, by endings that are listed."""

import pytest

from deshi_tools.migration.casual_style import is_casual


@pytest.mark.parametrize(
    "text",
    [
        "今日のライブ最高だったよ！",
        "電車また遅れてるじゃん…",
        "それなw",
        "まじ草",
        "眠い（笑）",
        "うれしーーー",
        "行ってくる〜",
        "「もう帰ろうよ」",
        "最高。また行きたい♪",
    ],
)
def test_speech_among_friends_is_casual(text: str) -> None:
    assert is_casual(text)


@pytest.mark.parametrize(
    "text",
    [
        "今日は晴れです。",
        "楽しいですかね。",
        "そうですけどね。",
        "行きますからね〜",
        "最高ですねw",
        "城は十六世紀に築かれた。",
        "作者は知られていない。",
        "好きなスポーツはサッカー。",
        "歌はLet it snow",
        "庭に生えるのは雑草。",
        "道端の草。",
        "",
    ],
)
def test_polite_speech_and_plain_prose_are_not(text: str) -> None:
    assert not is_casual(text)
