"""A filter says the same of texts in columns as of texts in rows."""

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deshi.api import Drop, Edit, Env, Item, Keep, NoParams, Text
from deshi.emoji import inventory
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.nsfw import Nsfw
from deshi_plugins.filters.params import LengthParams, NsfwParams
from deshi_plugins.filters.script import Script
from deshi_plugins.filters.strip_emoji import StripEmoji

ENV = Env()
FILTERS = [
    CompleteSentence(NoParams(), ENV),
    Length(LengthParams(min=2, max=9), ENV),
    Script(NoParams(), ENV),
    Nsfw(NsfwParams(), ENV),
    Nsfw(NsfwParams(terms=("a.", "[", "風 俗", "")), ENV),
    Nsfw(NsfwParams(terms=()), ENV),
    StripEmoji(NoParams(), ENV),
]
EACH = pytest.mark.parametrize("filter_", FILTERS, ids=lambda f: type(f).__name__)
PIECES = st.sampled_from(
    [
        *"あ漢aＡ1。！？!?「」『』（）() \n\t\u3000\u200b\x00\x1c\x85ー🈁",
        *"©㊗〜♪❤⛹♂\u200d\ufe0f\ufe0e\u20e3🏿🇯🇵⌚✨😀👨#",
        *("縺", "繧", "繝", "縦", "\ufffd", "\x81"),
        *("関連項目", "脚注", "風俗", "風俗史", "殺人", "風 俗", "a.", "[", "あ" * 31),
    ]
)
TEXTS = st.lists(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text()), max_size=12)


def in_rows(filter_, texts):
    items = [Item(text=Text(str(i), "d", t), part="train", source=t) for i, t in enumerate(texts)]
    return list(filter_.decide(items))


def in_columns(filter_, texts):
    batch = pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], ["text"])
    answer = filter_.decide_batch(batch)
    assert answer.schema.names == ["reason", "detail", "note", "text"]
    assert set(answer.schema.types) == {pa.string()}
    return [verdict(**row) for row in answer.to_pylist()]


def verdict(reason, detail, note, text):
    if reason is not None:
        return Drop(reason, detail or "")
    return Keep() if note is None else Edit(note, text=text)


@EACH
@settings(deadline=None)  # the first call loads the functions of pyarrow
@given(TEXTS)
@example([])
@example(["", " ", "\x1c。\x1f", "「" + "あ" * 30, "「" + "あ" * 31, "（あ\n"])
def test_columns_are_decided_as_rows_are(filter_, texts):
    assert in_columns(filter_, texts) == in_rows(filter_, texts)


@EACH
def test_every_character_is_decided_alike(filter_):
    texts = [chr(c) for c in range(0x11000) if not 0xD800 <= c < 0xE000]
    texts += [chr(c) for c in range(0x1F000, 0x20000)]
    assert in_columns(filter_, texts) == in_rows(filter_, texts)
    texts = [f"あ{text}" for text in texts]
    assert in_columns(filter_, texts) == in_rows(filter_, texts)


@EACH
def test_every_emoji_is_decided_alike(filter_):
    texts = [f"今日は{emoji}。" for emoji in inventory()]
    texts += [text.replace("\ufe0f", "") for text in texts]
    assert in_columns(filter_, texts) == in_rows(filter_, texts)


@EACH
def test_a_slice_of_a_column_is_decided_as_its_rows_are(filter_):
    texts = ["。", "", "あ。", "😀", "）", "これは文です"]
    column = pa.array(texts, pa.string()).slice(1, 4)
    answer = filter_.decide_batch(pa.RecordBatch.from_arrays([column], ["text"]))
    assert [verdict(**row) for row in answer.to_pylist()] == in_rows(filter_, texts[1:5])
