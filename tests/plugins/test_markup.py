"""Wiki markup is stripped to what a reader reads."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deshi.api import Env, NoParams
from deshi_plugins.corpora.markup import Markup
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.wikipedia import Wikipedia
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.params import LengthParams
from deshi_plugins.filters.script import Script

DATA = Path(__file__).parents[3] / "shared" / "data" / "wikipedia"
MARKUP = Markup(["ファイル", "画像"])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("'''猫'''は''動物''。", "猫は動物。"),
        ("[[猫]]と[[犬|いぬ]]と[[:Category:鳥]]。", "猫といぬとCategory:鳥。"),
        ("あ{{読み|い|{{lang|en|x}}}}う{{{引数|}}}え。", "あうえ。"),
        ("閉じない{{括弧。", "閉じない{{括弧。"),
        ("余る}}括弧。", "余る}}括弧。"),
        ("前{|class=x\n|-\n|a\n{|\n|b\n|}\n|}\n後。", "前{|class=x\n|-\n|a\n\n|}\n後。"),
        ("前\n{|class=x\n|-\n|a\n{|\n|b\n|}\n|}\n後。", "前\n\n後。"),
        ("[[ファイル:a.jpg|thumb|[[猫]]の写真]]本文。", "本文。"),
        ("[[File:a.jpg]][[category:猫]][[画像:b.png|右]]。", "。"),
        ('文<ref name=a>[[注]]</ref>。<ref name="a"/>次<ref>x</ref>。', "文。次。"),
        ("式<math>x<y</math>と<!-- 注 -->。<!-- 閉じない", "式と。"),
        ("一<br />二<br>三<span style='x'>四</span><nowiki>五</nowiki>", "一\n二\n三四五"),
        ("== 見出し ==\n* 項目\n:; 用語\n----\n本文", "見出し\n項目\n用語\n\n本文"),
        ("[https://x.example/a 説明]と[https://x.example]。", "説明と。"),
        ("&amp;&nbsp;&#39;&lt;x&gt; A&B", "&\xa0'<x> A&B"),
        ("__NOTOC__本文__目次__", "本文__目次__"),
        ("[1]と[[]]と]]と[[", "[1]とと]]と[["),
    ],
)
def test_markup_leaves_its_text(source, text):
    assert MARKUP.text(source) == text


@settings(deadline=None)
@given(st.text(alphabet="あ{}[]|=<>/'&;!-ref \n*:", max_size=80))
def test_no_source_is_refused_and_nothing_is_made_up(source):
    text = MARKUP.text(source)
    assert not Counter(text) - Counter(source + "\n" * source.count("<"))


def test_a_source_of_open_brackets_takes_no_quadratic_time():
    for piece in ("[[", "{{", "<ref>", "<!--", "[http://x ", "'''", "{|\n"):
        MARKUP.text(piece * 20_000)


def kept(path):
    """Return the sentences that the filters keep, by page."""
    found = defaultdict(Counter)
    filters = [
        CompleteSentence(NoParams(), Env()),
        Length(LengthParams(), Env()),
        Script(NoParams(), Env()),
    ]
    for batch in Wikipedia(WikipediaParams(path=path), Env()).batches():
        left = batch
        for filter_ in filters:
            left = left.filter(filter_.decide_batch(left)["reason"].is_null())
        for document, text in zip(
            left["document"].to_pylist(), left["text"].to_pylist(), strict=True
        ):
            found[document][text] += 1
    return found


@pytest.mark.skipif(not DATA.exists(), reason="the real pages are not here")
def test_two_readings_of_the_same_pages_agree_sentence_by_sentence():
    parquet, dump = kept(DATA / "pages.parquet"), kept(DATA / "pages-articles.xml.bz2")
    assert parquet.keys() == dump.keys()
    both = sum((parquet[page] & dump[page]).total() for page in parquet)
    either = sum((parquet[page] | dump[page]).total() for page in parquet)
    assert both / either > 0.99
