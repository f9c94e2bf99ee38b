"""The built-in filters."""

import json
import sys
from dataclasses import replace

import pytest
from filter_kit import ENV, decide, item
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import (
    ComponentError,
    Drop,
    Edit,
    Item,
    Keep,
    NoParams,
    NotReadyError,
    Text,
    UsageError,
)
from deshi_plugins.filters.banned_emoji import BannedEmoji
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.emoji_count import EmojiCount
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.meta_reply import MetaReply
from deshi_plugins.filters.nsfw import Nsfw
from deshi_plugins.filters.only_emoji import OnlyEmoji
from deshi_plugins.filters.params import (
    BannedEmojiParams,
    EmojiCountParams,
    LengthParams,
    MetaReplyParams,
    NsfwParams,
    TopEmojiParams,
)
from deshi_plugins.filters.script import Script
from deshi_plugins.filters.strip_emoji import StripEmoji
from deshi_plugins.filters.top_emoji import TopEmoji
from deshi_plugins.teachers.morphemes import Morphemes

COMPLETE = CompleteSentence(NoParams(), ENV)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("関連項目", "meta-section"),
        ("脚注の一覧です。", "meta-section"),
        ("外部リンク（", "meta-section"),
        ("彼は「もう帰る", "truncated"),
        ("」と「言った", "truncated"),
        ("」と言った。", "orphan-close"),
        ("）である", "orphan-close"),
        ("東京の地理", "no-ending"),
        ("", "no-ending"),
    ],
)
def test_fragments_are_dropped_for_the_first_rule_that_they_break(text, reason):
    assert decide(COMPLETE, text).reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "今日は晴れ。",
        "行く！",
        "本当?",
        "「帰る」",
        "東京（日本）",
        "(笑)",
        "本文に脚注がある。",
        f"（{'長い' * 16}。",
    ],
)
def test_whole_sentences_are_kept(text):
    assert decide(COMPLETE, text) == Keep()


@pytest.mark.parametrize(
    ("characters", "reason"),
    [(9, "too-short"), (10, None), (100, None), (101, "too-long")],
)
def test_length_counts_characters_with_both_ends_in(characters, reason):
    verdict = decide(Length(LengthParams(), ENV), "あ" * characters)
    assert verdict == (Drop(reason, str(characters)) if reason else Keep())


def test_lengths_that_no_text_can_have_are_refused():
    with pytest.raises(UsageError, match="min = 20 is more than max = 10"):
        Length(LengthParams(min=20, max=10), ENV)


def test_tokens_are_counted_where_they_are_asked_for():
    filter_ = Length(LengthParams(min=4, max=6, unit="tokens"), ENV)
    assert decide(filter_, "雨だ。") == Drop("too-short", "3 tokens")
    assert decide(filter_, "今日は雨だ。") == Keep()
    assert decide(filter_, "今日は雨だから家にいる。") == Drop("too-long", "9 tokens")
    assert decide(filter_, "雨\x00だ\ud800。") == Drop("too-short", "3 tokens")


def test_a_word_of_a_quarter_megabyte_is_counted_and_kills_nobody():
    verdict = decide(Length(LengthParams(unit="tokens"), ENV), "w" * 250_000)
    assert verdict.reason == "too-long"
    assert len(Morphemes().split("w" * 250_000)) > 25  # the teachers' way to the same tokenizer


def test_tokens_without_a_tokenizer_are_refused_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fugashi", None)
    with pytest.raises(NotReadyError, match=r"\[offline\]"):
        decide(Length(LengthParams(unit="tokens"), ENV), "今日は雨だ。")
    assert decide(Length(LengthParams(min=1), ENV), "今日は雨だ。") == Keep()


def test_the_unit_of_a_length_is_one_of_two(project):
    setting = "filter.length.params.unit=words"
    refused = project.deshi("plan", "bench.toml", "--set", setting, "--set", "matrix.chain=seed")
    assert refused.status == 2
    assert "unit" in refused.err


@pytest.mark.parametrize("text", ["abcあ", "漢字", "カナ", "ｶﾅ", "々", "𠮷"])
def test_one_japanese_character_is_enough(text):
    assert decide(Script(NoParams(), ENV), text) == Keep()


@pytest.mark.parametrize("text", ["", "Hello, world!", "12345。", "ー・。", "😀", "한국어", "кот"])
def test_texts_in_other_scripts_are_dropped(text):
    assert decide(Script(NoParams(), ENV), text) == Drop("no-japanese")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("これは\ufffd文です。", "\ufffd"),
        ("ã\x81\x93れは文です。", "\x81"),
        ("これは文です。".encode()[:9].decode("cp932"), "縺薙ｌ縺"),
    ],
)
def test_garbled_texts_are_dropped(text, detail):
    verdict = decide(Script(NoParams(), ENV), text)
    assert verdict.reason == "garbled"
    assert verdict.detail == detail


@pytest.mark.parametrize("text", ["繁縟な縦糸を繰る。", "改行\x85はある。", "繧の字。"])
def test_rare_characters_are_not_taken_for_garbled(text):
    assert decide(Script(NoParams(), ENV), text) == Keep()


NSFW = Nsfw(NsfwParams(), ENV)


def test_terms_are_dropped_and_named():
    assert decide(NSFW, "昨日の殺人事件のニュース。") == Drop("nsfw", "殺人")


@pytest.mark.parametrize(
    "text",
    [
        "江戸の風俗史を読む。",
        "民俗風俗の本。",
        "風俗画の展覧会。",
        "女性交通指導員。",
        "ヤングアダルト小説。",
        "晴れ。",
    ],
)
def test_a_term_within_a_harmless_word_is_kept(text):
    assert decide(NSFW, text) == Keep()


def test_a_harmless_word_excuses_no_other_place():
    assert decide(NSFW, "風俗史と風俗店。") == Drop("nsfw", "風俗")


def test_a_harmless_word_excuses_only_what_lies_within_it():
    filter_ = Nsfw(NsfwParams(terms=("いう",), keep=("あい",)), ENV)
    assert decide(filter_, "あいう") == Drop("nsfw", "いう")


def test_terms_come_from_a_file_too(tmp_path):
    file = tmp_path / "terms.txt"
    file.write_text("\ufeff賭博\r\n\n# 競馬\n  麻薬 \n", encoding="utf-8")
    filter_ = Nsfw(NsfwParams(terms_file=file), ENV)
    assert decide(filter_, "賭博の話。") == Drop("nsfw", "賭博")
    assert decide(filter_, "麻薬の話。") == Drop("nsfw", "麻薬")
    assert decide(filter_, "殺人の話。") == Drop("nsfw", "殺人")
    assert decide(filter_, "競馬の話。") == Keep()


def test_a_file_of_terms_that_is_none_is_refused_and_named(tmp_path):
    with pytest.raises(UsageError, match=r"nsfw: .*absent.txt.*No such file"):
        Nsfw(NsfwParams(terms_file=tmp_path / "absent.txt"), ENV)
    (tmp_path / "sjis.txt").write_bytes("賭博".encode("shift_jis"))
    with pytest.raises(UsageError, match="is not UTF-8"):
        Nsfw(NsfwParams(terms_file=tmp_path / "sjis.txt"), ENV)


@pytest.mark.slow
def test_terms_that_change_in_their_file_read_the_corpus_again(project):
    file = project.folder / "terms.txt"
    file.write_text("七七\n", encoding="utf-8")
    entry = '[filter.nsfw]\nuse = "nsfw"\nparams = { terms-file = "terms.txt" }\n'
    entry += '[chain.toy]\nsource = ["nsfw"]\n'
    (project.folder / "registry.toml").write_text(entry, encoding="utf-8")
    before = project.results()["data"][0]
    assert before["dropped"]["nsfw: nsfw"] > 0
    file.write_text("八八\n", encoding="utf-8")
    after = project.results()["data"][0]
    assert after["address"] != before["address"]
    assert after["dropped"] != before["dropped"]


def test_a_megabyte_of_harmless_words_is_read_in_one_go():
    """Each of 100,000 terms is looked for among as many harmless words."""
    line = "風俗史" * 100_000
    assert decide(NSFW, line) == Keep()
    assert decide(NSFW, f"{line}風俗") == Drop("nsfw", "風俗")


def test_empty_terms_match_nothing():
    assert decide(Nsfw(NsfwParams(terms=("",), keep=("",)), ENV)) == Keep()


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        ((), Drop("no-emoji", "0")),
        (("",), Drop("no-emoji", "0")),
        (("😀",), Keep()),
        (("😀😀😀😀😀",), Keep()),
        (("😀😀😀😀😀😀",), Drop("too-many-emoji", "6")),
        (("", "😀"), Drop("no-emoji", "0")),
        (("😀", "😀😀😀😀😀😀"), Keep()),
    ],
)
def test_the_first_sample_has_one_to_five_emoji(samples, verdict):
    assert decide(EmojiCount(EmojiCountParams(), ENV), samples=samples) == verdict


def test_a_higher_minimum_has_a_reason_of_its_own():
    filter_ = EmojiCount(EmojiCountParams(min=2), ENV)
    assert decide(filter_, samples=("😀",)) == Drop("too-few-emoji", "1")
    with pytest.raises(UsageError, match="more than max"):
        EmojiCount(EmojiCountParams(min=3, max=2), ENV)


def test_a_strict_reading_takes_no_emoji_out_of_prose():
    mixed = Item(
        text=Text("1", "d", "文"), part="train", source="文", samples=(("😀",),), unknown=(2,)
    )
    plain = replace(mixed, unknown=(0,))
    verdicts = OnlyEmoji(NoParams(), ENV).decide([mixed, plain])
    assert verdicts == [Drop("other-text", "2"), Keep()]


def banned(action="drop-sample", emojis=("✨",)):
    return BannedEmoji(BannedEmojiParams(emojis=emojis, action=action), ENV)


def test_a_banned_emoji_in_the_gold_drops_the_item():
    assert decide(banned(), samples=("😀✨", "😀")) == Drop("banned-emoji", "✨")


def test_a_banned_emoji_in_a_further_sample_goes_alone():
    verdict = decide(banned(), samples=("😀", "✨😀"))
    assert verdict == Edit("banned-emoji: removed ✨", samples=(("😀",), ("😀",)))


def test_drop_label_takes_the_banned_emoji_alone():
    verdict = decide(banned("drop-label"), samples=("✨😀✨", "✨"))
    assert verdict == Edit("banned-emoji: removed ✨", samples=(("😀",), ()))


def test_a_gold_of_banned_emoji_alone_is_dropped_either_way():
    assert decide(banned("drop-label"), samples=("✨✨",)) == Drop("banned-emoji", "✨")


def test_what_is_not_banned_is_kept():
    assert decide(banned(), samples=("😀", "")) == Keep()
    assert decide(banned(), samples=()) == Keep()


def test_banned_emoji_may_be_written_in_any_form():
    assert decide(banned(emojis=("❤",)), samples=(("❤️",),)) == Drop("banned-emoji", "❤️")
    with pytest.raises(UsageError, match="'heart' in `emojis` is not one emoji"):
        banned(emojis=("heart",))


STRIP = StripEmoji(NoParams(), ENV)


def test_emoji_are_stripped_and_named():
    assert decide(STRIP, "楽しい😀 ね❤️") == Edit("removed 😀 ❤️", text="楽しい ね")


def test_a_text_without_emoji_is_kept_as_it_is():
    assert decide(STRIP, " ©2020  ㊗合格〜♪ ") == Keep()


def test_the_space_around_a_removed_emoji_goes_with_it():
    assert decide(STRIP, "今日 😀 晴れ 😀").text == "今日 晴れ"
    assert decide(STRIP, "一行目😀\n二行目").text == "一行目\n二行目"


def test_a_text_of_emoji_alone_is_dropped():
    assert decide(STRIP, " 😀😀 ") == Drop("only-emoji", "😀 😀")


def golds(*labels):
    return [item(samples=(emojis,)) for emojis in labels]


def test_the_top_is_what_most_training_texts_carry():
    filter_ = TopEmoji(TopEmojiParams(n=2), ENV)
    state = filter_.learn(golds("😀😀😀", "😢🎉", "😢", "🎉😀"))
    # Each is counted once a text; equal counts stand in the order of code points.
    assert state == {"top": [["🎉", 2], ["😀", 2]]}
    assert filter_.decide(golds("😀", "😢🎉")) == [Keep(), Drop("outside-top", "😢")]


def test_only_the_gold_is_counted():
    filter_ = TopEmoji(TopEmojiParams(n=1), ENV)
    assert filter_.learn([item(samples=("😀", "😢", "😢"))]) == {"top": [["😀", 1]]}


def test_the_top_can_drop_labels_instead_of_texts():
    filter_ = TopEmoji(TopEmojiParams(n=1, mode="drop-label"), ENV)
    filter_.learn(golds("😀", "😀", "😢"))
    assert filter_.decide(golds("😢😀", "😢")) == [
        Edit("outside-top: removed 😢", samples=(("😀",),)),
        Drop("outside-top", "😢"),
    ]


def test_what_was_learned_survives_json():
    learned = TopEmoji(TopEmojiParams(n=1), ENV)
    state = json.loads(json.dumps(learned.learn(golds("😀", "😀", "😢"))))
    restored = TopEmoji(TopEmojiParams(n=1), ENV)
    restored.restore(state)
    assert restored.decide(golds("😀", "😢")) == learned.decide(golds("😀", "😢"))


def test_deciding_before_learning_is_an_error():
    with pytest.raises(ComponentError, match="not fitted"):
        decide(TopEmoji(TopEmojiParams(), ENV), samples=("😀",))


META = MetaReply(MetaReplyParams(), ENV)


@pytest.mark.parametrize(
    "text",
    [
        "申し訳ありませんが、その文章は書き換えられません。",
        "「申し訳ございませんが、対応できません」",
        "すみませんが、この内容には対応できません。",
        "AIとして、お答えできません",
        "この文章は不適切な内容が含まれています。",
        "以下がSNS風に書き換えた文章です：\n今日はいい天気だね",
        "はい、承知しました。以下のように変換します。",
        "もちろん！以下のような投稿はいかがでしょう",
        "SNS風の投稿文：今日は",
        "書き換え後：今日は",
        "I'm sorry, but I can't help with that.",
        "Sure, here is the post:",
        "Here's the rewritten text:",
        "今日はいい天気だね！\n\n※元の文の意味を保ちつつ、カジュアルに書き換えました。",
        "ご依頼の内容にはお応えできません。",
        "今日はいい天気だね（カジュアルな文体に変換した例）",
        "案1：今日は晴れだね\n案2：今日は快晴！",
        "天気の話はAIとしてお答えできません。",
    ],
)
def test_refusals_and_prefaces_are_dropped(text):
    assert decide(META, text, source="今日は天気が良い。").reason == "meta-reply"


@pytest.mark.parametrize(
    "text",
    [
        "申し訳ないけど明日休むね",
        "もちろん行くよ！",
        "以下同文って感じ",
        "Xで見たんだけど、すごかった",
        "了解しました！明日10時ですね",
        "Sureって英語でよく言うよね",
        "すみません、この辺に駅ありますか",
        "彼は「申し訳ありませんが」と言った",
        "AIが人間に勝ったとしても驚かないな",
        "ファイルを変換したのに開けない",
        "他のパターンもあるよね",
        "そちらはいかがでしょうか？",
    ],
)
def test_what_people_write_is_kept(text):
    assert decide(META, text, source="今日は天気が良い。") == Keep()


def test_words_that_the_source_has_too_are_kept():
    text = "申し訳ありませんが、本日は休業です。"
    assert decide(META, text, source=text) == Keep()


def test_a_pattern_that_is_no_regular_expression_is_refused():
    with pytest.raises(UsageError, match=r"'\(' is not a regular expression"):
        MetaReply(MetaReplyParams(patterns=("(",)), ENV)
    with pytest.raises(UsageError, match="is not a regular expression"):
        MetaReply(MetaReplyParams(anywhere=("(",)), ENV)


def test_remarks_that_the_source_has_too_are_kept():
    text = "翻訳ソフトで変換しました。"
    assert decide(META, text, source=text) == Keep()
    assert decide(META, text, source="翻訳した。") == Drop("meta-reply", "変換しました")


ALL = [
    COMPLETE,
    Length(LengthParams(), ENV),
    Script(NoParams(), ENV),
    NSFW,
    EmojiCount(EmojiCountParams(), ENV),
    banned(),
    banned("drop-label"),
    STRIP,
    META,
]
ITEMS = st.lists(
    st.builds(
        item,
        st.text(alphabet="あ漢aＡ 。「」😀✨©風俗殺人", max_size=20),
        st.lists(st.text(alphabet="😀✨🎉", max_size=7), max_size=3),
    ),
    max_size=8,
)


@given(ITEMS)
def test_every_filter_gives_one_verdict_an_item_whatever_its_neighbours(items):
    top = TopEmoji(TopEmojiParams(n=1), ENV)
    top.learn(items)
    for filter_ in (*ALL, top):
        verdicts = filter_.decide(items)
        assert len(verdicts) == len(items)
        assert list(verdicts) == [filter_.decide([one])[0] for one in items]


@given(ITEMS)
def test_an_edit_leaves_nothing_to_edit(items):
    for filter_ in ALL:
        for one, verdict in zip(items, filter_.decide(items), strict=True):
            if isinstance(verdict, Edit):
                text = one.text.text if verdict.text is None else verdict.text
                samples = one.samples if verdict.samples is None else verdict.samples
                assert decide(filter_, text, samples) == Keep()
