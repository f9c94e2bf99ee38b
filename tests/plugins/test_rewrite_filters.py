"""The filters of rewrites: `language-leakage` and `faithful`."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from filter_kit import ENV, decide, item
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import Drop, Keep
from deshi_plugins.filters.faithful import Faithful
from deshi_plugins.filters.language_leakage import LanguageLeakage, is_chinese
from deshi_plugins.filters.meta_reply import MetaReply
from deshi_plugins.filters.numerals import numbers
from deshi_plugins.filters.params import FaithfulParams, LanguageLeakageParams, MetaReplyParams

CHAT = Path(__file__).parents[3] / "shared" / "data" / "posts" / "chat.jsonl"

LEAKAGE = LanguageLeakage(LanguageLeakageParams(), ENV)
SOURCE = "東京駅の近くで友人とラーメンを食べた。"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("東京駅の近くでramenを食べた！So Delicious", Drop("latin", "ramen delicious")),
        ("東京駅の近くで朋友と吃した这だよ", Drop("chinese", "这")),
        ("你と们", Drop("chinese", "你 们")),
        ("在東京駅附近食拉面", Drop("no-kana", "在東京駅附近食拉面")),
        ("ＲＡＭＥＮ食べた", Drop("latin", "ramen")),
    ],
)
def test_another_language_is_dropped_and_shown(text, verdict):
    assert decide(LEAKAGE, text, source=SOURCE) == verdict


@pytest.mark.parametrize(
    "text",
    [
        "友達と東京駅でラーメン食べたwww",
        "東京駅でラーメン OK だった",
        "SNSで見たラーメン食べた",
        "国会の学生と会った",
        "🍜！",
    ],
)
def test_what_casual_japanese_has_anyway_is_kept(text):
    assert decide(LEAKAGE, text, source=SOURCE) == Keep()


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Pythonって最高", "ＰＹＴＨＯＮは言語である。"),
        ("这って字ね", "「这」は簡体字である。"),
        ("東京都庁舎", "東京都庁舎"),
    ],
)
def test_what_the_source_has_is_no_leak(text, source):
    assert decide(LEAKAGE, text, source=source) == Keep()


def test_the_shortest_run_and_the_allowed_words_can_be_set():
    strict = LanguageLeakage(LanguageLeakageParams(min_latin=2, allow=("Ramen",)), ENV)
    assert decide(strict, "RAMEN食べた", source=SOURCE) == Keep()
    assert decide(strict, "OKだった", source=SOURCE) == Drop("latin", "ok")


def test_chinese_characters_are_those_that_japanese_lacks():
    assert all(map(is_chinese, "这们说吗还谢对过时间问题马车东书"[:7]))
    assert not any(map(is_chinese, "国学会気駅々〆ヶ髙﨑𠮷あアaｱ。"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,000円", [1000]),
        ("千円", [1000]),
        ("1千円", [1000]),
        ("一〇〇〇円", [1000]),
        ("1万2000人", [12000]),
        ("2.5万人", [25000]),
        ("三億五千万", [350_000_000]),
        ("万が一", [10_000, 1]),
        ("二十三", [23]),
        ("1、2、3", [1, 2, 3]),
        ("12,34", [12, 34]),
        ("零度", [0]),
        ("平成14年11月1日", [14, 11, 1]),
    ],
)
def test_numbers_have_one_value_however_they_are_written(text, values):
    assert [value for _, value in numbers(text)] == [Decimal(value) for value in values]


KANJI = "〇一二三四五六七八九"


@given(st.integers(0, 10**12))
def test_kanji_digits_and_grouped_figures_agree(n):
    kanji = "".join(KANJI[int(d)] for d in str(n))
    written = (str(n), f"{n:,}", kanji)
    assert [[v for _, v in numbers(w)] for w in written] == [[Decimal(n)]] * 3


@given(st.text(alphabet="0123456789.,〇一九十百千万億兆年 "))
def test_no_string_of_numerals_is_too_strange(text):
    assert all(value >= 0 for _, value in numbers(text))


@pytest.mark.parametrize("piece", ["9", "九", "万", "9万", "1,111", "0.1", "ア", "「あ", "a", "这"])
def test_a_line_of_a_megabyte_breaks_no_filter_of_rewrites(piece):
    line = piece * (300_000 // len(piece))
    for filter_ in (faithful(), LEAKAGE, MetaReply(MetaReplyParams(), ENV)):
        decide(filter_, line, source="短い。")
        decide(filter_, "短いよ。", source=line)


def faithful(tolerance=0.0):
    return Faithful(FaithfulParams(tolerance=tolerance), ENV)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1,000人が集まった。", "千人も集まったよ"),
        ("２００２年に開園した。", "2002年に開園だって"),
        ("三百円である。", "300円だよ"),
        ("二人で行った。", "ふたりで行ったよ"),
        ("一部の人が反対した。", "反対する人もいたよ"),
        ("ｶﾒﾗを買った。", "カメラ買ったよ"),
        ("NHKで見た。", "nhkで見たよ"),
        ("『風の 歌』を読んだ。", "風の歌読んだよ"),
        ("静かな朝だ。", "静かな朝だね"),
    ],
)
def test_what_is_kept_in_another_spelling_is_kept(source, text):
    assert decide(faithful(), text, source=source) == Keep()


@pytest.mark.parametrize(
    ("source", "text", "verdict"),
    [
        ("1964年の東京。", "1946年の東京", Drop("number-lost", "1964")),
        ("二十人が来た。", "人が来た", Drop("number-lost", "二十")),
        ("ナポリの冬。", "イタリアの冬", Drop("name-lost", "ナポリ")),
        ("NHKの番組。", "テレビの番組", Drop("name-lost", "nhk")),
        ("『坊っちゃん』を読む。", "小説を読む", Drop("name-lost", "坊っちゃん")),
        ("3月のナポリ。", "春の街", Drop("number-lost", "3 ナポリ")),
    ],
)
def test_what_is_lost_is_dropped_and_shown(source, text, verdict):
    assert decide(faithful(), text, source=source) == verdict


def test_a_title_counts_once_with_all_that_is_in_it():
    verdict = decide(faithful(), "映画を見た", source="『スター2001』を見た。")
    assert verdict == Drop("name-lost", "スター2001")


def test_tolerance_is_the_share_that_may_be_lost():
    source, text = "ナポリとローマとミラノとベニス。", "ナポリとローマとミラノ"
    assert decide(faithful(0.25), text, source=source) == Keep()
    assert decide(faithful(0.2), text, source=source) == Drop("name-lost", "ベニス")


def test_a_text_that_was_not_rewritten_is_kept():
    assert decide(faithful(), "二〇〇円。") == Keep()


@pytest.mark.skipif(not CHAT.is_file(), reason="needs ../shared/data/posts/chat.jsonl")
def test_people_are_hardly_ever_taken_for_assistants_or_foreigners():
    texts = [json.loads(line)["text"] for line in CHAT.read_text(encoding="utf-8").splitlines()]
    said = [item(text, source="") for text in texts]
    meta = MetaReply(MetaReplyParams(), ENV).decide(said)
    assert sum(isinstance(verdict, Drop) for verdict in meta) <= 2
    leaks = [v.reason for v in LEAKAGE.decide(said) if isinstance(v, Drop)]
    assert leaks.count("chinese") <= 2
    assert leaks.count("latin") < 0.02 * len(texts)
