"""The corpus `texts`: the user's own files, as they are and as they should not be."""

import contextlib
import gzip
import json
import logging
import tracemalloc
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import Env, UsageError
from deshi_plugins.corpora.params import TextsParams
from deshi_plugins.corpora.texts import Texts

POSTS = Path(__file__).parents[3] / "shared" / "data" / "posts"
TWO = [{"text": "今日は楽しかった。", "n": 1}, {"text": "明日は早い。", "n": 2}]


def corpus(path, **params):
    return Texts(TextsParams(path=path, **params), Env())


def texts(path, **params):
    return list(corpus(path, **params).texts())


def strings(path, **params):
    return [text.text for text in texts(path, **params)]


def jsonl(path, *rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def written(folder, form):
    """Write the two texts in a format and return the file."""
    path = (
        folder
        / {
            "jsonl": "a.jsonl",
            "jsonl.gz": "a.jsonl.gz",
            "csv": "a.csv",
            "csv.gz": "a.csv.gz",
            "tsv": "a.tsv",
            "parquet": "a.parquet",
            "text": "a.txt",
        }[form]
    )
    lines = "\n".join(json.dumps(row) for row in TWO)
    mark = "\t" if form == "tsv" else ","
    table = "\r\n".join(["n" + mark + "text", *(f"{row['n']}{mark}{row['text']}" for row in TWO)])
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(TWO), path)
    elif form.endswith(".gz"):
        path.write_bytes(gzip.compress((lines if "json" in form else table).encode()))
    elif form == "text":
        path.write_text("\n\n".join(row["text"] for row in TWO))
    else:
        path.write_text(lines if form == "jsonl" else table)
    return path


FORMATS = ["jsonl", "jsonl.gz", "csv", "csv.gz", "tsv", "parquet", "text"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_texts(tmp_path, form):
    assert strings(written(tmp_path, form)) == ["今日は楽しかった。", "明日は早い。"]


def test_a_folder_is_read_in_the_order_of_its_names_and_other_files_are_left(tmp_path):
    jsonl(tmp_path / "b.jsonl", {"text": "二"})
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.csv").write_text("text\n一\n")
    (tmp_path / "README.md").write_text("no")
    (tmp_path / ".b.jsonl").write_text("no")
    assert strings(tmp_path) == ["一", "二"]
    assert strings(tmp_path, pattern="*.jsonl") == ["二"]
    with pytest.raises(UsageError, match=r"no file matches '\*\.tsv'; change `pattern`"):
        texts(tmp_path, pattern="*.tsv")


def test_reading_is_lazy(tmp_path):
    jsonl(tmp_path / "a.jsonl", {"text": "一"}, {"text": "二"})
    (tmp_path / "b.jsonl").write_text("broken")
    assert strings(tmp_path, limit=2) == ["一", "二"]
    with pytest.raises(UsageError, match=r"b\.jsonl:1: no row of the file can be used"):
        texts(tmp_path)


# Ids and documents


def test_ids_and_documents_that_are_given_are_taken(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"text": "一", "no": 7, "thread": "x"})
    (text,) = texts(path, id_="no", document="thread")
    assert (text.id, text.document) == ("7", "x")
    (text,) = texts(path, id_="no")
    assert (text.id, text.document) == ("7", "7")


def test_appending_changes_no_id(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", *TWO)
    before = [(text.id, text.document) for text in texts(path)]
    jsonl(path, *TWO, {"text": "三"})
    assert [(text.id, text.document) for text in texts(path)][:2] == before


def test_inserting_moves_no_document_and_gives_no_text_the_id_of_another(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", *TWO)
    before = {text.id: text for text in texts(path)}
    jsonl(path, {"text": "三"}, *TWO)
    after = texts(path)
    assert [text.document for text in after][1:] == [text.document for text in before.values()]
    assert before.keys() & {text.id for text in after} == set()


def test_copies_have_ids_of_their_own_and_one_document(tmp_path):
    one, two = texts(jsonl(tmp_path / "a.jsonl", {"text": "一"}, {"text": "一"}))
    assert one.id != two.id
    assert one.document == two.document


def test_sentences_are_numbered_within_their_row(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"text": "一。二！\n三", "no": "p"})
    found = texts(path, sentences=True, id_="no")
    assert [(text.id, text.text) for text in found] == [
        ("p-1", "一。"),
        ("p-2", "二！"),
        ("p-3", "三"),
    ]
    assert {text.document for text in found} == {"p"}


def test_a_whole_text_is_one_line(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"text": " 一。\n\n二！ ｶﾞｷﾞ１２３ ㊗ "})
    assert strings(path) == ["一。 二！ ガギ123 ㊗"]


# Reference labels


def test_emoji_in_the_text_become_its_reference(tmp_path):
    path = jsonl(
        tmp_path / "a.jsonl",
        {"text": "楽しかった😂 😂 🎉 また行く"},
        {"text": "なし"},
        {"text": "🎉🎉"},
    )
    reading = corpus(path, split_emoji=True)
    found = [(text.text, text.references) for text in reading.texts()]
    assert found == [("楽しかった また行く", (("😂", "🎉"),)), ("なし", ())]
    report = reading.report()
    assert (report["rows"], report["only-emoji"], report["with-references"]) == (3, 1, 1)


def test_an_emoji_after_a_full_stop_belongs_to_the_sentence_before(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"text": "楽しかった！😂🎉また行きたい。 😭"})
    found = texts(path, split_emoji=True, sentences=True)
    assert [(text.text, text.references) for text in found] == [
        ("楽しかった！", (("😂", "🎉"),)),
        ("また行きたい。", (("😭",),)),
    ]


@given(st.text(alphabet="あ。！😂🎉1️⃣ \n", max_size=30))
def test_no_emoji_is_lost_and_none_is_left(tmp_path_factory, text):
    path = jsonl(tmp_path_factory.mktemp("posts") / "a.jsonl", {"text": text})
    whole = texts(path, split_emoji=True)
    parts = texts(path, split_emoji=True, sentences=True)
    for found in (whole, parts):
        assert not any(emoji in one.text for one in found for emoji in "😂🎉")
    if whole:
        expected = {emoji for one in whole for emojis in one.references for emoji in emojis}
        assert {e for one in parts for emojis in one.references for e in emojis} <= expected


@pytest.mark.parametrize(
    ("label", "reference"),
    [
        ("😂🎉", (("😂", "🎉"),)),
        (["😂", "🎉", "😂"], (("😂", "🎉"),)),
        ("😂, 🎉", (("😂", "🎉"),)),
        ("joy", (("😊",),)),
        (["joy", "🎉"], (("😊", "🎉"),)),
        ("neutral", ()),
        ("", ()),
        ([], ()),
        (None, ()),
    ],
)
def test_a_column_gives_the_reference(tmp_path, label, reference):
    path = jsonl(tmp_path / "a.jsonl", {"text": "楽しい", "label": label})
    (text,) = texts(path, labels="label", emoji_for={"joy": "😊", "neutral": ""})
    assert text.references == reference


def test_lists_of_labels_come_from_parquet_too(tmp_path):
    rows = [{"text": "楽しい", "label": ["😂", "🎉"]}, {"text": "悲しい", "label": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = texts(tmp_path / "a.parquet", labels="label")
    assert [text.references for text in found] == [(("😂", "🎉"),), ()]


def test_labels_that_are_no_emoji_are_left_out_and_told(tmp_path, caplog):
    rows = [{"text": "楽しい", "label": label} for label in ("😂", "joy", "🎉 yay", "joy")]
    reading = corpus(jsonl(tmp_path / "a.jsonl", *rows), labels="label")
    with caplog.at_level(logging.WARNING, "deshi.corpus"):
        assert len(list(reading.texts())) == 1
    assert reading.report()["unusable"] == {"label is no emoji": 3}
    (line,) = caplog.messages
    assert line.startswith("a.jsonl:2: label is no emoji: 'joy'; ")


def test_only_labels_that_are_no_emoji_are_refused_with_what_mends_it(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", *[{"text": "楽しい", "label": "joy"}] * 3)
    with pytest.raises(UsageError, match=r"a\.jsonl:1: .*'joy'; map it to an emoji in emoji-for"):
        texts(path, labels="label")


# What is wrong


def test_a_csv_with_a_byte_order_mark_and_quotes_works(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes('\ufefftext,n\r\n"""はい"", と\r\n言った。",1\r\n二,2\r\n'.encode())
    assert strings(path) == ['"はい", と 言った。', "二"]
    assert [text.id.split(":")[1] for text in texts(path)] == ["2", "4"]


def test_json_lines_with_a_byte_order_mark_work(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"text": "一"}).encode())
    assert strings(path) == ["一"]


@pytest.mark.parametrize("form", FORMATS[:-1])
def test_a_wrong_column_is_named_with_the_nearest(tmp_path, form):
    with pytest.raises(
        UsageError, match=r"a\.[a-z.]+(:1)?: there is no column 'texts'; did you mean"
    ):
        texts(written(tmp_path, form), text="texts")


def test_plain_text_has_one_column(tmp_path):
    with pytest.raises(UsageError, match="there is no column 'n'; there is: text"):
        texts(written(tmp_path, "text"), id_="n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"", "the file is empty"),
        ("a.csv", b"text,n\n", "the file has no rows"),
        ("a.txt", b"\n\n", "the file has no rows"),
        ("a.parquet", b"PAR?", "not a Parquet file"),
        (
            "a.csv",
            "\ufefftext\n一\n".encode("utf-16-le"),
            "the file is UTF-16, not UTF-8; convert it",
        ),
        ("a.doc", b"x", "the file name does not determine the format; set format"),
        (
            "a.csv",
            'text,n\n"一,1\n二,2\n'.encode(),
            r"a quote that opens in the row at line 2 is not",
        ),
        ("a.jsonl", "{'text': '一'}\n".encode(), "no row of the file can be used; broken JSON"),
        (
            "a.txt",
            "今日は\n".encode("shift_jis"),
            "no row of the file can be used; not UTF-8: byte 0x8d",
        ),
        (
            "a.csv",
            "text\n今日は\n".encode("shift_jis"),
            "no row of the file can be used; not UTF-8",
        ),
        (
            "a.csv",
            "本文\n今日は\n".encode("shift_jis"),
            "the header is not UTF-8; convert the file",
        ),
        ("a.jsonl", b'["text"]\n', "no JSON object"),
        ("a.jsonl.gz", b"not gzip", "cut off: the compressed file cannot be read any further"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=message) as caught:
        texts(tmp_path / name)
    assert name in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.csv: there is no such file or folder"):
        texts(tmp_path / "none.csv")


def test_bad_rows_are_left_out_counted_and_told_once_a_reason(tmp_path, caplog):
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b"\n".join(
            [
                '{"text": "一"}'.encode(),
                b'{"text": "cut',
                b'{"text": "more',
                b'{"text": "\x93\xfa"}',
                b"12",
                b'{"text": 5}',
                b"{}",
                b"",
                '{"text": "二"}'.encode(),
            ]
        )
    )
    reading = corpus(path)
    with caplog.at_level(logging.WARNING, "deshi.corpus"):
        assert [text.text for text in reading.texts()] == ["一", "二"]
    assert reading.report()["unusable"] == {
        "broken JSON": 2,
        "not UTF-8": 1,
        "no JSON object": 1,
        "no text": 2,
    }
    assert [line.partition(": ")[0].rpartition(":")[2] for line in caplog.messages] == list("2456")


def test_too_many_bad_rows_are_refused_with_the_first(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "一"}\n' + "{\n" * 4)
    assert len(texts(path, bad_rows=4)) == 1
    with pytest.raises(
        UsageError, match=r"a\.jsonl:2: 4 rows .*broken JSON.*or raise bad-rows \(3\)"
    ):
        texts(path, bad_rows=3)


def test_strings_of_parquet_that_are_not_utf_8_are_bad_rows(tmp_path):
    strings_of = pa.array(["一".encode(), b"\x93\xfa", "三".encode()])
    table = pa.table({"text": strings_of.view(pa.string()), "n": [1, 2, 3]})
    pq.write_table(table, tmp_path / "a.parquet")
    reading = corpus(tmp_path / "a.parquet", id_="n", document="n")
    assert [(text.id, text.text) for text in reading.texts()] == [("1", "一"), ("3", "三")]
    assert reading.report()["unusable"] == {"not UTF-8": 1}


def test_a_parquet_file_that_is_damaged_inside_gives_what_it_has(tmp_path, caplog):
    path = tmp_path / "a.parquet"
    rows = [{"text": f"{n}番目の文です。{n * n}"} for n in range(6000)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=2000, compression="zstd")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(content)
    found = strings(path)
    assert found == [row["text"] for row in rows[: len(found)]]
    assert 1000 < len(found) < 6000
    assert "cut off: the file cannot be read any further" in caplog.text


def test_rows_of_another_length_are_bad_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("n,text\n1,一\n2,二,三\n\n3,四\n")
    reading = corpus(path)
    assert [text.text for text in reading.texts()] == ["一", "四"]
    assert reading.report()["unusable"] == {"broken row": 1}


def test_a_compressed_file_that_is_cut_off_gives_what_it_has(tmp_path, caplog):
    rows = [{"text": f"{n}番目の文です。{n * n}"} for n in range(2000)]
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with caplog.at_level(logging.WARNING, "deshi.corpus"):
        found = strings(tmp_path / "a.jsonl.gz")
    assert 100 < len(found) < 2000
    assert found == [row["text"] for row in rows[: len(found)]]
    assert "cut off" in caplog.text


@pytest.mark.parametrize("form", ["jsonl", "csv", "text"])
def test_a_line_of_a_megabyte_is_a_text(tmp_path, form):
    path = tmp_path / {"jsonl": "a.jsonl", "csv": "a.csv", "text": "a.txt"}[form]
    long = "長" * 350_000
    path.write_text(
        {"jsonl": json.dumps({"text": long}), "csv": f"text\n{long}", "text": long}[form]
    )
    assert strings(path) == [long]


def test_rows_without_the_id_that_was_asked_for_are_bad_rows(tmp_path):
    rows = [{"text": "一", "no": 1}, {"text": "二", "no": None}, {"text": "三", "no": ""}]
    reading = corpus(jsonl(tmp_path / "a.jsonl", *rows), id_="no")
    assert [text.id for text in reading.texts()] == ["1"]
    assert reading.report()["unusable"] == {"no name": 2}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "needs either 'path' or 'dataset'"),
        ({"path": "a", "dataset": "b/c"}, "needs either 'path' or 'dataset'"),
        ({"dataset": "b/c"}, "needs 'pattern'"),
        (
            {"path": "a", "labels": "x", "split_emoji": True},
            "'labels' names the labels of whole texts",
        ),
        ({"path": "a", "emoji_for": {"joy": "joy"}}, "'emoji-for.joy' is 'joy', which is no emoji"),
        ({"path": "a", "share": 0}, "Expected `float` > 0"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_before_anything_is_read(params, message):
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(params, TextsParams, dec_hook=lambda kind, value: kind(value))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.jsonl", "a.csv", "a.txt", "a.tsv", "a.jsonl.gz", "a.csv.gz", "a.parquet"):
        (folder / name).write_bytes(content)
        with contextlib.suppress(UsageError):
            assert all(text.text for text in texts(folder / name))


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "text"])
def test_memory_does_not_grow_with_the_file(tmp_path, form):
    peaks = []
    for size in (2_000, 20_000):
        rows = [{"text": f"{n}番目の文です。" * 5} for n in range(size)]
        path = tmp_path / f"{size}.{'txt' if form == 'text' else form}"
        if form == "jsonl":
            jsonl(path, *rows)
        elif form == "parquet":
            pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=1000)
        else:
            path.write_text("\n".join(["text", *(row["text"] for row in rows)]))
        tracemalloc.start()
        assert sum(1 for _ in corpus(path).texts()) >= size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000


# Real posts


@pytest.mark.skipif(not POSTS.exists(), reason="the real posts are not here")
def test_real_chat_is_read_whole():
    found = texts(POSTS / "chat.jsonl", document="dialogue_id")
    assert len({text.id for text in found}) == len(found) == 20_000
    assert len({text.document for text in found}) > 1000
    assert not any(text.references for text in found)


@pytest.mark.skipif(not POSTS.exists(), reason="the real posts are not here")
def test_emotions_of_real_messages_become_references():
    emoji_for = {
        "joy": "😊",
        "sad": "😢",
        "dislike": "😞",
        "amaze": "😲",
        "shy": "😳",
        "relief": "😌",
        "anger": "😠",
        "like": "😍",
        "excite": "🤩",
        "fear": "😨",
    }
    reading = corpus(POSTS / "kaomoji.jsonl", labels="kaomoji_emotion", emoji_for=emoji_for)
    found = list(reading.texts())
    assert len(found) == 8000
    assert {text.references for text in found} == {((emoji,),) for emoji in emoji_for.values()}
    assert reading.report()["unusable"] == {}


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"text": ['])
def test_a_line_that_is_nested_without_end_is_an_unusable_row(tmp_path, opening):
    path = jsonl(tmp_path / "a.jsonl", *TWO)
    path.write_text(opening * 100_000 + "\n" + path.read_text())
    assert strings(path) == [one["text"] for one in TWO]


@pytest.mark.parametrize("form", ["jsonl", "csv", "tsv", "text", "jsonl.gz", "csv.gz"])
def test_a_line_that_is_too_long_is_an_unusable_row_and_the_setting_raises_the_limit(
    tmp_path, form
):
    long = "長い" * 400
    lines = {
        "jsonl": ['{"text": "a"}', json.dumps({"text": long}), '{"text": "b"}'],
        "csv": ["text,n", "a,1", f"{long},2", "b,3"],
        "tsv": ["text\tn", "a\t1", f"{long}\t2", "b\t3"],
        "text": ["a", long, "b"],
    }[form.removesuffix(".gz")]
    content = "\n".join([*lines, ""]).encode()
    path = tmp_path / f"a.{'txt' if form == 'text' else form}"
    path.write_bytes(gzip.compress(content) if form.endswith(".gz") else content)
    assert strings(path, longest_line=500) == ["a", "b"]
    assert strings(path, longest_line=10_000) == ["a", long, "b"]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_bomb_of_one_line_is_never_held_whole(tmp_path, form):
    path = tmp_path / f"bomb.{form}.gz"
    with gzip.open(path, "wb") as packed:
        packed.write(b'{"text": "a"}\n' if form == "jsonl" else b"text\na\n")
        for _ in range(64):
            packed.write(b"a" * (1 << 20))
        packed.write(b'\n{"text": "b"}\n' if form == "jsonl" else b"\nb\n")
    tracemalloc.start()
    try:
        assert strings(path, longest_line=1 << 20) == ["a", "b"]
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_blank_lines_are_skipped_and_counted(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" * 1_000_000 + b'{"text": "a"}\n\n \r\n{"text": "b"}')
    assert [text.id.split(":")[1] for text in texts(path)] == ["1000001", "1000004"]
