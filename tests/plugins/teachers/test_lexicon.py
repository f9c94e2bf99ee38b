"""The keyword teachers find words, not substrings, and answer the same every time."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deshi.api import ComponentError, Env, Request, UsageError
from deshi.emoji import Mode, inventory, parse
from deshi_plugins.teachers.lexicon import Lexicon, LexiconParams
from deshi_plugins.teachers.word_tables import own_words, polarities

pytest.importorskip("fugashi")

CONCRETE = Lexicon(LexiconParams(prefer="concrete"), Env())
FACES = Lexicon(LexiconParams(prefer="faces"), Env())
TEACHERS = [pytest.param(CONCRETE, id="lexicon"), pytest.param(FACES, id="lexicon-faces")]

TEXTS = [
    "昨日は友達と野球の試合を見に行った。",
    "雨の日は家で本を読むのが好きだ。",
    "母が焼いたケーキがとても美味しかった。",
    "新しい城の発掘調査で古い刀が見つかった。",
    "電車が遅れて会議に間に合わなかった。",
    "猫が布団の上で気持ちよさそうに寝ている。",
    "宇宙には数え切れないほどの星がある。",
    "推しのライブに当選して泣いた。",
    "今夜は鍋にしようと思う。",
    "病院で薬をもらって帰ってきた。",
    "夏休みの宿題がまだ終わらない。",
    "港に大きな船が着いた。",
]


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    path = Path(__file__).parents[3] / "scripts" / "evaluate_teachers.py"
    spec = importlib.util.spec_from_file_location("evaluate_teachers", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "trap"),
    [
        ("三角形の面積を求める。", "3️⃣"),
        ("机の上に置いた。", "☝️"),
        ("辞書を使う。", "🛎️"),
        ("鉛筆を三本買った。", "📚"),
        ("三月は忙しい。", "🌙"),
        ("手紙を出した。", "✋"),
        ("秋になると寒い。", "🍥"),
        ("写真を撮ってもらった人に取っておいた。", "🎁"),
        ("森さんと会った。", "🌳"),
        ("電話がかかってきた。", "🌉"),
        ("攻撃を受けた。", "😂"),
        ("馬鹿なことをした。", "🐴"),
        ("牛乳を買った。", "🐄"),
        ("刀を腰に差した。", "🔪"),
        ("人気がある。", "👤"),
        ("やってみる。", "👀"),
        ("日本という国の話だ。", "🇯🇵"),
    ],
)
def test_no_word_is_found_inside_another(text: str, trap: str) -> None:
    assert trap not in CONCRETE.label(text)


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("犬と散歩した。", "🐶"),
        ("ネコがかわいい。", "🐱"),
        ("野球を見た。", "⚾"),
        ("三角定規を忘れた。", "📐"),
        ("新幹線に乗った。", "🚄"),
        ("お弁当を作った。", "🍱"),
        ("本を三冊読んだ。", "📚"),
        ("月がきれいだ。", "🌕"),
        ("ミニトマトが実った。", "🍅"),
        ("惑星は恒星のまわりを回る。", "🪐"),
        ("法律で禁じられている。", "⚖️"),
        ("走り出した。雨が降り出した。", "🌧️"),
    ],
)
def test_words_are_found_in_any_form_and_spelling(text: str, emoji: str) -> None:
    assert emoji in CONCRETE.label(text)


@pytest.mark.parametrize(
    ("text", "emoji", "instead"),
    [
        ("今日は楽しくなかった。", "😊", "😞"),
        ("ぜんぜん眠れない。", "😴", "😵‍💫"),
        ("おいしくない。", "😋", "😖"),
        ("面白くありません。", "😂", "😑"),
        ("元気がない。", "💪", "🤒"),
        ("好きじゃない。", "😍", "😕"),
        ("心配はいらないし、怖くない。", "😱", "😎"),
        ("まだ彼を許せない。", "🤝", "😡"),
        ("まだ許していない。", "🤝", "😡"),
    ],
)
def test_a_negated_feeling_turns(text: str, emoji: str, instead: str) -> None:
    answer = FACES.label(text)
    assert emoji not in answer
    assert instead in answer


@pytest.mark.parametrize(
    ("text", "emoji"),
    [("犬じゃなくて猫です。", "🐶"), ("もう走らない。", "🏃"), ("これは試合ではない。", "🏟️")],
)
def test_a_denied_thing_is_left_out(text: str, emoji: str) -> None:
    assert emoji not in CONCRETE.label(text)


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("犬がいない。", "🐶"),
        ("走らなければならない。", "🏃"),
        ("泳ぎませんか。", "🏊"),
        ("走らないといけない。", "🏃"),
        ("楽しくないですか？", "😊"),
    ],
)
def test_what_only_looks_like_a_denial_counts(text: str, emoji: str) -> None:
    assert emoji in CONCRETE.label(text)


def test_flags_stand_for_topics_alone() -> None:
    assert "🇫🇷" in CONCRETE.label("フランスは西ヨーロッパにある。")
    assert "🇫🇷" not in CONCRETE.label("フランスの作家の本を読んだ。")
    assert "🇯🇵" not in CONCRETE.label("日本は島国である。")


def test_questions_and_laughter_show() -> None:
    assert "🤔" in FACES.label("これは何だろうか。")
    assert "🤣" in FACES.label("なにそれ、草。")
    assert "🌿" in CONCRETE.label("庭の草を刈る。")


@pytest.mark.parametrize("teacher", TEACHERS)
@given(text=st.text(max_size=60) | st.text("猫雨。、！？なかった\x00\n🐶ｗあア", max_size=30))
@settings(max_examples=150, deadline=None)
def test_there_are_always_one_to_five_distinct_canonical_emoji(teacher: Lexicon, text: str) -> None:
    for sample in (0, 1):
        answer = teacher.label(text, sample)
        assert 1 <= len(answer) <= 5
        assert len(set(answer)) == len(answer)
        assert set(answer) <= inventory().keys()


@pytest.mark.parametrize("teacher", TEACHERS)
def test_the_reply_is_emoji_separated_by_spaces(teacher: Lexicon) -> None:
    reply = asyncio.run(teacher.answer(Request(task="label", text=TEXTS[0])))
    assert reply.finish == "stop"
    assert parse(reply.content, mode=Mode.LABELS).unknown == 0
    assert reply.content.split(" ") == teacher.label(TEXTS[0])


def test_the_empty_text_has_an_answer() -> None:
    assert len(CONCRETE.label("")) == 1


@pytest.mark.parametrize("teacher", TEACHERS)
def test_answers_repeat_and_samples_differ(teacher: Lexicon) -> None:
    fresh = Lexicon(teacher.params, Env(seed=7))
    for sample in range(3):
        first = [teacher.label(text, sample) for text in TEXTS]
        assert first == [fresh.label(text, sample) for text in reversed(TEXTS)][::-1]
    assert [teacher.label(text) for text in TEXTS] != [teacher.label(text, 1) for text in TEXTS]


@pytest.mark.parametrize("teacher", TEACHERS)
def test_samples_agree_as_much_as_a_language_models_do(
    teacher: Lexicon, figures: ModuleType
) -> None:
    pairs = [(teacher.label(text), teacher.label(text, n)) for text in TEXTS for n in range(1, 9)]
    assert 0.55 < sum(figures.jaccard(*pair) for pair in pairs) / len(pairs) < 0.85


def test_fallbacks_do_not_collapse() -> None:
    nothing = [f"{word}のそれ{end}" for word in "あいうえおかきくけこ" for end in "。！？…"]
    assert len(set(itertools.chain(*map(CONCRETE.label, nothing)))) >= 8


def test_an_overused_emoji_comes_in_its_share_of_answers() -> None:
    params = LexiconParams(overuse_emoji="💖", overuse_share=0.3)
    teacher = Lexicon(params, Env())
    texts = [f"{text}{number}" for text in TEXTS for number in range(40)]
    answers = [teacher.label(text) for text in texts]
    assert 0.22 < sum(answer[-1] == "💖" for answer in answers) / len(answers) < 0.38
    assert max(map(len, answers)) <= 5
    plain = [CONCRETE.label(text) for text in texts]
    assert all(a in (b, [*b[:4], "💖"]) for a, b in zip(answers, plain, strict=True))


def test_an_overused_emoji_must_be_one() -> None:
    with pytest.raises(UsageError, match="is not an emoji"):
        Lexicon(LexiconParams(overuse_emoji="x", overuse_share=0.5), Env())


def test_other_tasks_are_refused() -> None:
    with pytest.raises(ComponentError, match="labels"):
        asyncio.run(CONCRETE.answer(Request(task="rewrite", text="あ")))


@pytest.mark.parametrize("teacher", TEACHERS)
def test_faces_are_on_the_right_side(teacher: Lexicon, figures: ModuleType) -> None:
    assert figures.polarity_accuracy(teacher) >= 0.8


def test_keywords_of_one_emoji_lead_back_to_it(figures: ModuleType) -> None:
    assert figures.round_trip(CONCRETE) >= 0.9


def test_swapping_the_two_entries_is_a_real_shift(figures: ModuleType) -> None:
    one, other = ([t.label(text) for text in TEXTS] for t in (CONCRETE, FACES))
    agreement = sum(map(figures.jaccard, one, other)) / len(TEXTS)
    assert 0.1 < agreement < 0.6
    assert figures.divergence(itertools.chain(*one), itertools.chain(*other)) > 0.1
    faces = [sum(map(figures.is_face, itertools.chain(*answers))) for answers in (one, other)]
    assert faces[1] > 1.5 * faces[0]


def test_all_emoji_of_the_tables_are_canonical() -> None:
    for word in own_words():
        for emoji, weight in (*word.senses, *word.negated):
            assert emoji in inventory(), word.text
            assert 0 < weight <= 1
    assert set(polarities().values()) == {"+", "-", "0"}
