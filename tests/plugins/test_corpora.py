"""The built-in corpora."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deshi.api import Env, NoParams, UsageError
from deshi.emoji import canonical
from deshi_plugins.corpora.packaged import Sample, themes
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.wikipedia import COLUMNS, Wikipedia

PAGES = Path(__file__).parents[3] / "shared" / "data" / "wikipedia" / "pages.parquet"


@pytest.fixture(scope="module")
def sample():
    return list(Sample(NoParams(), Env()).texts())


def wikipedia(path, **params):
    return list(Wikipedia(WikipediaParams(path=path, **params), Env()).texts())


def write(path, *pages):
    rows = [dict(zip(COLUMNS, page, strict=True)) for page in pages]
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


def test_the_sample_is_large_enough_to_learn_from(sample):
    assert len(sample) >= 1500
    assert len({text.document for text in sample}) >= 250
    assert len({text.meta["theme"] for text in sample}) >= 12


def test_ids_of_the_sample_are_unique_and_count_within_the_document(sample):
    assert len({text.id for text in sample}) == len(sample)
    seen = Counter()
    for text in sample:
        seen[text.document] += 1
        assert text.id == f"{text.document}/{seen[text.document]}"


def test_texts_of_one_document_come_together(sample):
    runs = [
        a.document
        for a, b in zip(sample, [*sample[1:], None], strict=True)
        if b is None or a.document != b.document
    ]
    assert len(runs) == len(set(runs))


def test_themes_come_in_alphabetical_order(sample):
    found = list(dict.fromkeys(text.meta["theme"] for text in sample))
    assert found == sorted(found) == [theme.name.removesuffix(".txt") for theme in themes()]


def test_hundreds_of_sentences_have_canonical_references(sample):
    with_references = [text for text in sample if text.references]
    assert len(with_references) >= 200
    for text in with_references:
        for emojis in text.references:
            assert 1 <= len(emojis) <= 5, text
            assert [canonical(emoji) for emoji in emojis] == list(emojis), text


def test_every_reference_of_the_sample_is_written_with_emoji_alone():
    from deshi.emoji import Mode, parse

    for theme in themes():
        for line in theme.read_text(encoding="utf-8").splitlines():
            sentence, tab, sets = line.partition("\t")
            parsed = [parse(one, mode=Mode.LABELS) for one in sets.split("|")] if tab else []
            assert all(one.emojis and not one.unknown for one in parsed), line
            assert sentence == sentence.strip(), line


def test_the_sample_reads_the_same_twice(sample):
    assert list(Sample(NoParams(), Env()).texts()) == sample


def test_pages_become_sentences_with_page_and_number(tmp_path):
    path = write(tmp_path / "a.parquet", ("7", "https://x/7", "猫", "猫は寝る。\n\n犬は　走る！"))
    first, second = wikipedia(path)
    assert (first.id, first.document, first.text) == ("7-1", "7", "猫は寝る。")
    assert (second.id, second.text) == ("7-2", "犬は 走る！")
    assert second.meta == {"title": "猫", "url": "https://x/7"}


def test_nothing_but_empty_sentences_is_left_out(tmp_path):
    path = write(tmp_path / "a.parquet", ("7", "u", "t", "関連項目 \n 。\n\u200b\nABC"))
    assert [text.text for text in wikipedia(path)] == ["関連項目", "。", "ABC"]


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path):
    write(tmp_path / "b.parquet", ("2", "u", "t", "二。"))
    write(tmp_path / "a.parquet", ("1", "u", "t", "一。"))
    (tmp_path / "notes.txt").write_text("no")
    assert [text.text for text in wikipedia(tmp_path)] == ["一。", "二。"]


def test_the_limit_counts_texts_and_reading_is_lazy(tmp_path):
    path = write(tmp_path / "a.parquet", ("1", "u", "t", "一。二。三。"))
    (tmp_path / "b.parquet").write_bytes(b"broken")
    assert [text.text for text in wikipedia(path, limit=2)] == ["一。", "二。"]
    assert len(wikipedia(tmp_path, limit=3)) == 3


def test_a_share_takes_whole_pages_and_a_larger_one_takes_them_too(tmp_path):
    pages = [(str(n), "u", "t", "一。二。") for n in range(200)]
    path = write(tmp_path / "a.parquet", *pages)
    some, more = wikipedia(path, share=0.2), wikipedia(path, share=0.5)
    assert {text.id for text in some} < {text.id for text in more}
    assert len(some) == 2 * len({text.document for text in some})
    assert 20 < len({text.document for text in some}) < 60


def test_empty_fields_are_no_trouble(tmp_path):
    path = write(tmp_path / "a.parquet", ("1", None, None, None), ("2", None, None, "二。"))
    (text,) = wikipedia(path)
    assert text.meta == {"title": "", "url": ""}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.parquet: there is no such file"):
        wikipedia(tmp_path / "none.parquet")


def test_a_missing_column_is_named_with_those_that_there_are(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["1"], "url": ["u"], "body": ["x"]}), path)
    with pytest.raises(UsageError, match="'title' is missing; there is: id, url, body"):
        wikipedia(path)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("text", [b"abc"], "the column 'text' holds binary, not text"),
        ("id", [None], "a page has no id"),
    ],
)
def test_columns_of_another_kind_are_refused(tmp_path, column, values, message):
    columns = {
        "id": ["1"],
        "url": ["u"],
        "title": ["t"],
        "text": ["これは文です。"],
        column: values,
    }
    schema = {name: pa.binary() if name == column == "text" else pa.string() for name in columns}
    table = pa.table(columns, schema=pa.schema(list(schema.items())))
    pq.write_table(table, tmp_path / "pages.parquet")
    with pytest.raises(UsageError, match=message):
        list(wikipedia(tmp_path / "pages.parquet").texts())


def test_files_without_content_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no rows"):
        wikipedia(write(tmp_path / "rows.parquet"))
    (tmp_path / "zero.parquet").touch()
    with pytest.raises(UsageError, match="the file is empty"):
        wikipedia(tmp_path / "zero.parquet")
    (tmp_path / "text.parquet").write_text("id,url")
    with pytest.raises(UsageError, match="not a Parquet file"):
        wikipedia(tmp_path / "text.parquet")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=r"holds no file that ends in \.parquet or"):
        wikipedia(tmp_path / "folder")


@pytest.mark.skipif(not PAGES.exists(), reason="the real pages are not here")
def test_real_pages_give_real_sentences():
    texts = wikipedia(PAGES)
    assert len({text.document for text in texts}) == 204
    assert len({text.id for text in texts}) == len(texts) > 50_000
    assert sum(text.text.endswith("。") for text in texts) > 25_000
    assert texts[:100] == wikipedia(PAGES, limit=100)
