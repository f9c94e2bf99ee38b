"""The rule-based rewriter speaks casually and loses nothing."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deshi.api import ComponentError, Env, NoParams, Request
from deshi.emoji import strip
from deshi_plugins.teachers.casual import Casual

pytest.importorskip("fugashi")

TEACHER = Casual(NoParams(), Env())

BOOKISH = [
    "琵琶湖は日本で最も大きな湖である。",
    "この寺は1397年に建てられ、1994年に世界遺産に登録された。",
    "『銀河の旅』は、2004年に発売された小説である。",
    "彼は大学で化学を学び、のちに教授となった。",
    "人口は約12万人で、県内では第3位である。",
    "その城は1600年の戦いで焼失したとされる。",
    "鉄道は明治時代に開業し、現在も多くの人に利用されている。",
    "この魚は「海の宝石」と呼ばれ、温かい海に広く分布しており、食用にもなる。",
    "山田太郎は東京都出身の俳優であり、歌手としても活動した。",
    "光の速さは秒速約30万キロメートルである。",
    "作品は高く評価され、翌年に映画化（監督は本人）された。",
    "16世紀に始まった祭りであるが、一時は途絶えていた。",
]
POLITE = [
    "今日は駅前の店でラーメンを食べました。",
    "明日は友達と海へ行きます。",
    "この映画はとても面白いです。",
    "昨日の試験は思ったより簡単でした。",
    "雨が降っていますが、傘を持っていません。",
    "彼は何も言いませんでした。",
    "次の角を右に曲がってください。",
    "週末は公園で花見をしましょう。",
    "明日は雪になるでしょう。",
    "この部屋は広くありません。",
    "新しい靴を買ったので、早く歩きたいです。",
    "荷物はもう届きましたか？",
    "祖母は92歳ですが、毎朝5キロ歩いています。",
    "私は猫より犬のほうが好きなのです。",
]
SPOKEN = [
    "今日めっちゃ楽しかったよ！",
    "このケーキ、やばいくらいおいしいね。",
    "明日から三連休だー！",
    "もう帰りたいんだけど。",
    "それな。",
    "電車また遅れてるじゃん…",
    "やっと終わったぁ！",
    "「行ってきます！」",
]


@pytest.mark.parametrize("text", BOOKISH + POLITE)
def test_bookish_and_polite_endings_go(text: str) -> None:
    said = TEACHER.rewrite(text)
    assert said != text
    assert not re.search(
        r"(?:です|ます|ました|ません|である|であった|でしょう|ください)[。！？]?$", said
    )
    assert re.search(r"(?:[よねあだて？]|って)[。！？]?$", said)


@pytest.mark.parametrize("text", SPOKEN)
def test_what_is_casual_already_stays(text: str) -> None:
    assert TEACHER.rewrite(text) == text


@pytest.mark.parametrize("text", BOOKISH + POLITE + SPOKEN)
def test_a_second_pass_changes_nothing(text: str) -> None:
    said = TEACHER.rewrite(text)
    assert TEACHER.rewrite(said) == said


@pytest.mark.parametrize("text", BOOKISH + POLITE)
def test_numbers_names_and_brackets_stay(text: str) -> None:
    said = TEACHER.rewrite(text)
    assert re.findall(r"[0-9]+", said) == re.findall(r"[0-9]+", text)
    assert re.findall(r"[ァ-ヴー]{2,}", said) == re.findall(r"[ァ-ヴー]{2,}", text)
    assert re.findall(r"「.*?」|『.*?』|（.*?）", said) == re.findall(
        r"「.*?」|『.*?』|（.*?）", text
    )


@pytest.mark.parametrize("text", BOOKISH + POLITE + SPOKEN)
def test_the_length_stays_within_the_task(text: str) -> None:
    assert len(TEACHER.rewrite(text)) <= max(100, len(text))
    assert len(TEACHER.rewrite(text)) >= 0.6 * len(text)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("京都へ行きました。", "京都へ行った"),
        ("本を読みました。", "本を読んだ"),
        ("手紙を書きません。", "手紙を書かない"),
        ("川で泳ぎました。", "川で泳いだ"),
        ("友達と話しました。", "友達と話した"),
        ("少し待ちましょう。", "少し待とう"),
        ("宿題をしました。", "宿題をした"),
        ("春が来ました。", "春が来た"),
        ("お金がありません。", "お金がない"),
        ("歌を歌いませんでした。", "歌を歌わなかった"),
        ("雨が降りましたが、楽しかったです。", "雨が降ったけど、楽しかった"),
        ("古い町であり、城もある。", "古い町で、城もある"),
    ],
)
def test_verbs_take_their_plain_form(text: str, start: str) -> None:
    assert TEACHER.rewrite(text).startswith(start)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("もう食べましたか？", "もう食べたの？"),
        ("先生ですか。", "先生なの？"),
        ("明日も来ますか？", "明日も来るの？"),
    ],
)
def test_questions_stay_questions(text: str, question: str) -> None:
    assert TEACHER.rewrite(text) == question


def test_speech_inside_quotes_is_left_alone() -> None:
    said = TEACHER.rewrite("彼は「とても寒いです。帰りましょう。」と言いました。")
    assert "「とても寒いです。帰りましょう。」" in said


def test_several_sentences_are_rewritten_one_by_one() -> None:
    said = TEACHER.rewrite("朝は晴れていました。昼から雨になりました。")
    assert said.startswith("朝は晴れていた")
    assert "昼から雨になった" in said
    assert "ました" not in said


def test_endings_vary_with_text_and_sample_and_repeat() -> None:
    samples = [[TEACHER.rewrite(text, sample) for text in BOOKISH] for sample in range(3)]
    assert samples[0] != samples[1]
    assert samples == [
        [Casual(NoParams(), Env(seed=3)).rewrite(text, sample) for text in BOOKISH]
        for sample in range(3)
    ]
    assert len({said.rstrip("。！")[-3:] for said in samples[0]}) >= 3


def test_titles_and_other_languages_stay() -> None:
    for text in ("関連項目", "See you tomorrow!", "参考文献"):
        assert TEACHER.rewrite(text) == text


@given(
    st.text(max_size=80) | st.text("猫は山である。です、ます「」（）！？\n\x00 3年", max_size=40)
)
@settings(max_examples=200, deadline=None)
def test_the_answer_is_never_empty_and_adds_no_emoji(text: str) -> None:
    said = TEACHER.rewrite(text)
    assert said.strip()
    assert len(strip(said)[1]) <= len(strip(text)[1])
    assert len(said) <= max(100, len(text))


@given(st.text("猫は山である。です、ます「」（）『』", max_size=40))
@settings(max_examples=100, deadline=None)
def test_brackets_are_neither_added_nor_lost(text: str) -> None:
    said = TEACHER.rewrite(text)
    if text.strip():
        assert re.findall("[「」（）『』]", said) == re.findall("[「」（）『』]", text.strip())


def test_it_answers_rewrite_requests_alone() -> None:
    reply = asyncio.run(TEACHER.answer(Request(task="rewrite", text=BOOKISH[0])))
    assert reply.content == TEACHER.rewrite(BOOKISH[0])
    with pytest.raises(ComponentError, match="rewrites"):
        asyncio.run(TEACHER.answer(Request(task="label", text="あ")))
