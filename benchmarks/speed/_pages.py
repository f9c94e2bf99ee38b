"""Makes files of pages for the measurements: Parquet, JSON Lines and a dump, of any size."""

from __future__ import annotations

import bz2
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

from deshi.api import Env, NoParams
from deshi_plugins.corpora.packaged import Sample

SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "url", "title", "text")])


def pages_of(path: Path | None) -> list[dict[str, str]]:
    """Return pages with id, url, title and text: real ones, or the sample's sentences in paragraphs."""
    if path is not None:
        rows: list[dict[str, str]] = pq.read_table(path).to_pylist()
        return rows
    texts = [text.text for text in Sample(NoParams(), Env()).texts()]
    pages = []
    for at in range(0, len(texts), 40):
        few = texts[at : at + 40]
        lines = [f"見出し{at}", "".join(few[:20]), f"彼は「{few[0]}」と言った。", "関連項目"]
        text = "\n".join([*lines, "".join(few[20:]), *(f" 項目{n}" for n in range(20))])
        pages.append(
            {"id": str(at), "url": f"https://example.jp/{at}", "title": "頁", "text": text}
        )
    return pages


def repeated(pages: list[dict[str, str]], megabytes: float) -> Iterator[dict[str, str]]:
    """Yield pages over and over, with ids of their own, until there is so much text."""
    done, turn = 0, 0
    while done < megabytes * 1e6:
        for page in pages:
            done += len(page["text"].encode())
            name = f"{page['id']}0{turn}"
            yield {**page, "id": name, "url": f"{page['url']}/{name}"}
        turn += 1


def write_parquet(pages: Iterable[dict[str, str]], path: Path, times: int = 1) -> None:
    """Write pages as Parquet in row groups of 1,000, and that so many times."""
    table = pa.Table.from_pylist(list(pages), schema=SCHEMA)
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for _ in range(times):
            writer.write_table(table, row_group_size=1000)


def write_json(pages: Iterable[dict[str, str]], path: Path, times: int = 1) -> None:
    """Write pages as JSON Lines in one gzip member, and that so many times."""
    lines = (
        {"text": page["text"], "timestamp": "2019-04-25T12:57:54Z", "url": page["url"]}
        for page in pages
    )
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    _write(path, content, times, gzip.compress)


def write_dump(pages: Iterable[dict[str, str]], path: Path, times: int = 1) -> None:
    """Write a dump in bzip2 streams, whose pages have links, a few references and a template."""
    head = '<mediawiki xml:lang="ja"><siteinfo><base>https://ja.example/wiki/X</base></siteinfo>\n'
    _write(path, "".join(map(_page, pages)), times, bz2.compress, head, "</mediawiki>\n")


def _page(page: dict[str, str]) -> str:
    source = page["text"].replace("。", "。<ref>{{Cite web|url=https://x.example}}</ref>", 3)
    source = "{{Infobox|a=1}}\n" + re.sub("(は)", r"[[\1|\1]]", source, count=50)
    return (
        f"  <page>\n    <title>{escape(page['title'])}</title>\n    <ns>0</ns>\n"
        f"    <id>{page['id']}</id>\n    <revision>\n      <id>1</id>\n      <timestamp>"
        "2020-01-01T00:00:00Z</timestamp>\n      <contributor><username>x</username><id>1"
        "</id></contributor>\n      <model>wikitext</model>\n      <format>text/x-wiki</format>"
        f'\n      <text xml:space="preserve">{escape(source)}</text>\n    </revision>\n'
        "  </page>\n"
    )


def _write(
    path: Path,
    content: str,
    times: int,
    pack: Callable[[bytes], bytes],
    head: str = "",
    end: str = "",
) -> None:
    packed = pack(content.encode())
    with path.open("wb") as file:
        file.write(pack(head.encode()) if head else b"")
        for _ in range(times):
            file.write(packed)
        file.write(pack(end.encode()) if end else b"")
