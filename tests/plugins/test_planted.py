"""What real files hold and no specification mentions, through corpus and source filters."""

import logging

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deshi.api import Drop, Edit, Env, Item, NoParams, UsageError
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.wikipedia import COLUMNS, Wikipedia
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.nsfw import Nsfw
from deshi_plugins.filters.params import LengthParams, NsfwParams
from deshi_plugins.filters.script import Script
from deshi_plugins.filters.strip_emoji import StripEmoji

CHAIN = [
    StripEmoji(NoParams(), Env()),
    CompleteSentence(NoParams(), Env()),
    Length(LengthParams(), Env()),
    Script(NoParams(), Env()),
    Nsfw(NsfwParams(), Env()),
]
ENV = Env(log=logging.getLogger("deshi.corpus.test"))


def screened(tmp_path, text):
    """Return what becomes of each sentence of a page: its text, or the reason why it was dropped."""
    row = dict(zip(COLUMNS, ("1", "u", "t", text), strict=True))
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    pq.write_table(pa.Table.from_pylist([row], schema=schema), tmp_path / "a.parquet")
    corpus = Wikipedia(WikipediaParams(path=tmp_path / "a.parquet"), ENV)
    return [_end(sentence) for sentence in corpus.texts()]


def _end(sentence):
    from dataclasses import replace

    for filter_ in CHAIN:
        (verdict,) = filter_.decide([Item(text=sentence, part="train", source=sentence.text)])
        if isinstance(verdict, Drop):
            return verdict.reason
        if isinstance(verdict, Edit):
            sentence = replace(sentence, text=verdict.text)
    return sentence.text


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        # A heading on a line of its own goes; glued to a sentence it cannot be distinguished from it.
        ("歴史 \n東京は日本の首都である。", ["no-ending", "東京は日本の首都である。"]),
        ("歴史東京は日本の首都である。", ["歴史東京は日本の首都である。"]),
        ("関連項目東京タワーがある。", ["meta-section"]),
        ("」と彼は静かに述べたという。", ["orphan-close"]),
        ("彼は）と言ったきりだった。", ["彼は）と言ったきりだった。"]),
        ("彼は「もう帰るから待っていて", ["truncated"]),
        ("彼は「帰る。待て。」と言った。", ["彼は「帰る。待て。」と言った。"]),
        ("ﾃﾚﾋﾞを見るのが好きだ｡", ["テレビを見るのが好きだ。"]),
        ("２０２４年にＡ級になった。", ["2024年にA級になった。"]),
        ("©2020 ㊗合格〜♪ と書かれた札。", ["©2020 ㊗合格〜♪ と書かれた札。"]),
        ("今日はとても楽しかった😀。", ["今日はとても楽しかった。"]),
        ("これは文字化け\ufffdした文です。", ["garbled"]),
        ("これは文です。".encode().decode("cp932", "replace"), ["no-ending"]),
        ("縺薙ｌ縺ｯ譁�遶縺ｧ縺吶。", ["garbled"]),
        ("これは長い文です。".encode().decode("latin-1"), ["no-ending"]),
        ("あ" * 400_000 + "。", ["too-long"]),
        ("", []),
    ],
)
def test_each_is_kept_or_dropped_with_its_reason(tmp_path, text, ends):
    assert screened(tmp_path, text) == ends


def test_a_wrong_column_and_an_empty_file_are_refused(tmp_path):
    pq.write_table(
        pa.table({"id": ["1"], "url": ["u"], "title": ["t"], "body": ["x"]}), tmp_path / "a.parquet"
    )
    with pytest.raises(
        UsageError, match="the column 'text' is missing; there is: id, url, title, body"
    ):
        list(Wikipedia(WikipediaParams(path=tmp_path / "a.parquet"), ENV).texts())
    (tmp_path / "b.xml").touch()
    with pytest.raises(UsageError, match="the file is empty"):
        list(Wikipedia(WikipediaParams(path=tmp_path / "b.xml"), ENV).texts())
