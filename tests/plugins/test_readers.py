"""Dumps and JSON Lines: what is read, what is left out, what is told, what is refused."""

import bz2
import gzip
import json
import logging

import pytest

from deshi.api import Env, UsageError
from deshi_plugins.corpora.mc4 import Mc4
from deshi_plugins.corpora.params import Mc4Params, WikipediaParams
from deshi_plugins.corpora.wikipedia import Wikipedia

HEAD = """<mediawiki xml:lang="ja"><siteinfo><base>https://ja.wikipedia.org/wiki/X</base><namespaces>
<namespace key="6" case="first-letter">ファイル</namespace></namespaces></siteinfo>
"""
ENV = Env(log=logging.getLogger("deshi.corpus.test"))


def page(name, text, ns=0, title="猫", more=""):
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        f"  <page>\n    <title>{title}</title>\n    <ns>{ns}</ns>\n    <id>{name}</id>\n{more}"
        f'    <revision>\n      <id>99</id>\n      <text bytes="1" xml:space="preserve">{text}</text>\n'
        "    </revision>\n  </page>\n"
    )


def dump(*pages):
    return HEAD + "".join(pages) + "</mediawiki>\n"


def wikipedia(path, content=None):
    if content is not None:
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
    return list(Wikipedia(WikipediaParams(path=path), ENV).texts())


def mc4(path, **params):
    return list(Mc4(Mc4Params(path=path, **params), ENV).texts())


def lines(*pages):
    return "".join(json.dumps(p, ensure_ascii=False) + "\n" for p in pages).encode()


def web(n, text="一。二。"):
    return {"text": text, "timestamp": "2019-04-25T12:57:54Z", "url": f"https://x.example/{n}"}


@pytest.mark.parametrize("pack", [bytes, bz2.compress])
def test_articles_of_a_dump_become_sentences(tmp_path, pack):
    content = dump(page(5, "'''猫'''は[[動物|生き物]]。&amp;", title="猫 (動物)")).encode()
    (text, *more) = wikipedia(tmp_path / "a.xml", pack(content))
    assert (text.id, text.document, text.text) == ("5-1", "5", "猫は生き物。")
    assert text.meta["title"] == "猫 (動物)"
    assert text.meta["url"].startswith("https://ja.wikipedia.org/wiki/%E7%8C%AB_%28")
    assert [one.text for one in more] == ["&"]


def test_redirects_and_other_namespaces_are_left_out(tmp_path):
    redirect = page(1, "#転送 [[犬]]", more='    <redirect title="犬" />\n')
    content = dump(redirect, page(2, "規則。", ns=4), page(3, "犬だ。"), page(4, ""))
    assert [text.document for text in wikipedia(tmp_path / "a.xml", content)] == ["3"]


def test_streams_of_bzip2_in_a_row_are_one_dump(tmp_path):
    whole = dump(page(1, "一。"), page(2, "二。")).encode()
    packed = bz2.compress(whole[:200]) + bz2.compress(whole[200:])
    assert [t.text for t in wikipedia(tmp_path / "a.xml.bz2", packed)] == ["一。", "二。"]


@pytest.mark.parametrize("pack", [bytes, bz2.compress])
def test_a_cut_dump_gives_what_it_has_and_a_warning(tmp_path, caplog, pack):
    pages = [page(n, f"{n}番目の頁。" * 100, title=f"頁{n}") for n in range(1000)]
    whole = pack(dump(*pages).encode())
    texts = wikipedia(tmp_path / "a.xml", whole[: len(whole) * 3 // 4])
    documents = list(dict.fromkeys(text.document for text in texts))
    assert documents == [str(n) for n in range(len(documents))]
    assert 100 < len(documents) < 1000
    assert f"the dump is cut off after {len(documents)} pages" in caplog.text
    assert "the complete pages are used" in caplog.text


def test_a_whole_dump_gives_no_warning(tmp_path, caplog):
    assert wikipedia(tmp_path / "a.xml", dump(page(1, "一。")))
    assert wikipedia(tmp_path / "b.xml.bz2", bz2.compress(dump(page(1, "一。")).encode()))
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><body>404</body></html>", "not a dump: it does not begin with <mediawiki>"),
        (b"plain text", "not a dump"),
        (bz2.compress(b"plain text"), "not a dump"),
        (b"BZh9 and then nothing", "not a complete bzip2 file"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_dump_is_refused(tmp_path, content, message):
    with pytest.raises(UsageError, match=message):
        wikipedia(tmp_path / "a.xml", content)


def test_a_folder_may_hold_parquet_and_dumps(tmp_path):
    (tmp_path / "b.xml").write_text(dump(page(2, "二。")), encoding="utf-8")
    (tmp_path / "a.xml.bz2").write_bytes(bz2.compress(dump(page(1, "一。")).encode()))
    assert [text.text for text in wikipedia(tmp_path)] == ["一。", "二。"]
    assert [text.text for text in wikipedia(tmp_path / "*.xml")] == ["二。"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_pages_of_the_web_have_their_address_as_document(tmp_path, pack):
    (tmp_path / "c4-ja.json.gz").write_bytes(b"")
    path = tmp_path / "c4-ja.json"
    path.write_bytes(pack(lines(web(1), web(2, "三。"))))
    first, second, third = mc4(path)
    assert (first.document, first.text, second.text) == ("https://x.example/1", "一。", "二。")
    assert first.id == "https://x.example/1@2019-04-25T12:57:54Z-1"
    assert third.document == "https://x.example/2"
    assert third.meta == {"timestamp": "2019-04-25T12:57:54Z"}


def test_an_address_that_was_crawled_twice_is_one_document(tmp_path):
    later = {**web(1), "timestamp": "2020-01-01T00:00:00Z"}
    (tmp_path / "a.json").write_bytes(lines(web(1), later))
    texts = mc4(tmp_path)
    assert len({text.id for text in texts}) == len(texts) == 4
    assert {text.document for text in texts} == {"https://x.example/1"}


def test_broken_lines_are_counted_and_told(tmp_path, caplog):
    broken = b'{"text": "cut\n\n{"text": 3, "url": "u"}\n\xff\xfe\n{"text": "\\ud800", "url": "u"}\n[1]\n'
    path = tmp_path / "c4-ja.json.gz"
    path.write_bytes(gzip.compress(lines(web(1)) + broken + lines(web(2))))
    assert {text.document for text in mc4(path)} == {"https://x.example/1", "https://x.example/2"}
    assert "5 of 7 lines are broken and were left out (the first: 2, 4, 5)" in caplog.text


@pytest.mark.slow
def test_a_cut_gzip_file_gives_what_it_has_and_a_warning(tmp_path, caplog):
    content = lines(*(web(n, f"{n}番目。" * 500) for n in range(1000)))
    packed = gzip.compress(content)
    path = tmp_path / "c4-ja.json.gz"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    documents = dict.fromkeys(text.document for text in mc4(path))
    assert 100 < len(documents) < 1000
    assert f"cut off after {len(documents)} pages" in caplog.text


def test_gzip_members_and_the_zeros_behind_them_are_one_file(tmp_path):
    path = tmp_path / "c4-ja.json.gz"
    one, two = (gzip.compress(lines(web(n))) for n in (1, 2))
    path.write_bytes(one + two + b"\0" * 100_000)
    assert len(dict.fromkeys(text.document for text in mc4(path))) == 2


def test_what_follows_a_gzip_member_and_is_none_is_told(tmp_path, caplog):
    path = tmp_path / "c4-ja.json.gz"
    path.write_bytes(gzip.compress(lines(web(1))) + b"something else altogether")
    assert len(dict.fromkeys(text.document for text in mc4(path))) == 1
    assert "cut off after 1 pages (Not a gzipped file" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"body": "x", "url": "u"}\n', r"a\.json:1: .*`text`; a line has body, url"),
        (b"[1, 2]\n", r"a\.json:1: .*a line has no keys, but list"),
        (b"nothing\nof the kind\n", "no line is a JSON object with text and url"),
        (b"\x1f\x8b and then nothing", "not a complete gzip file"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, content, message):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UsageError, match=message):
        mc4(tmp_path / "a.json")


def test_a_file_that_is_called_packed_and_is_not_is_refused(tmp_path):
    (tmp_path / "a.json.gz").write_bytes(lines(web(1)))
    with pytest.raises(UsageError, match="not a complete gzip file: Not a gzipped file"):
        mc4(tmp_path / "a.json.gz")


def test_the_limit_counts_sentences(tmp_path):
    (tmp_path / "a.json").write_bytes(lines(web(1), web(2)))
    assert [text.id[-2:] for text in mc4(tmp_path, limit=3)] == ["-1", "-2", "-1"]


def test_a_line_of_a_megabyte_is_read(tmp_path):
    (tmp_path / "a.json").write_bytes(lines(web(1, "あ" * 400_000 + "。"), web(2)))
    assert [len(text.text) for text in mc4(tmp_path)] == [400_001, 2, 2]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_page_of_a_dump_that_is_too_long_is_left_out_with_a_warning(tmp_path, caplog, at):
    pages = [page(n, f"{n}番目の頁。") for n in range(3)]
    pages[at] = page(at, "長い" * 700_000)
    (tmp_path / "a.xml").write_bytes(dump(*pages).encode())
    params = WikipediaParams(path=tmp_path / "a.xml", longest_page=1 << 20)
    found = [t.text for t in Wikipedia(params, ENV).texts()]
    assert found == [f"{n}番目の頁。" for n in range(3) if n != at]
    assert "over 1,048,576 bytes" in caplog.text


def test_a_line_of_the_web_that_is_too_long_is_counted_as_broken_and_never_joined(tmp_path, caplog):
    long = json.dumps(
        {"text": "長い。" * 700_000, "url": "https://a.example/2"}, ensure_ascii=False
    )
    content = "\n".join([json.dumps(web(1)), long, json.dumps(web(3)), ""])
    (tmp_path / "c4-ja.json").write_text(content, encoding="utf-8")
    found = {t.document for t in mc4(tmp_path / "c4-ja.json", longest_line=1 << 20)}
    assert "https://a.example/2" not in found
    assert len(found) == 2
    assert "1 of 3 lines are broken" in caplog.text
