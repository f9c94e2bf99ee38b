"""Articles of a `pages-articles` XML dump, packed with bzip2 or not.

MediaWiki writes a dump in one fixed way and escapes all that stands within an element, so that a page
is delimited by its tags. Measured, this is a third faster than an XML parser and gives the same pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import unescape

import pyarrow as pa

from deshi.api import UsageError
from deshi_plugins.corpora.decompression import blocks
from deshi_plugins.corpora.markup import Markup

COLUMNS = ("id", "url", "title", "text")

_READ = 1 << 20
_YIELD = 2 << 20  # characters
_END = b"</page>"
_HEAD = re.compile(rb"<title>([^<]*)</title>\s*<ns>(-?\d+)</ns>\s*<id>(\d+)</id>\s*(<redirect\b)?")
_NAMESPACE = re.compile(r'<namespace key="(-2|6|14)"[^>]*>([^<]+)</namespace>')
_BASE = re.compile(r"<base>([^<]*)</base>")
_ALIASES = frozenset({"画像"})  # the file namespace's old name, which a dump does not list


def dump_pages(
    path: Path, warn: Callable[[str], None], longest: int = 1 << 26
) -> Iterator[pa.RecordBatch]:
    """Yield the articles of a dump without markup; redirects and other namespaces are left out.

    A dump that ends in mid-file gives the pages that are whole, and a warning.

    Raises:
        UsageError: this is no such dump.
    """
    rows: list[tuple[str, str, str, str]] = []
    size = 0
    for row in _articles(path, warn, longest):
        rows.append(row)
        size += len(row[3])
        if size >= _YIELD:
            yield _batch(rows)
            rows, size = [], 0
    if rows:
        yield _batch(rows)


def _articles(
    path: Path, warn: Callable[[str], None], longest: int
) -> Iterator[tuple[str, str, str, str]]:
    pages = _pages(path, warn, longest)
    header = next(pages).decode("utf-8", "replace")
    base = _BASE.search(header)
    prefix = "".join(base[1].rpartition("/")[:2]) if base else ""
    markup = Markup({*_ALIASES, *(unescape(name) for _, name in _NAMESPACE.findall(header))})
    for page in pages:
        head = _HEAD.search(page)
        if head is None or head[2] != b"0" or head[4]:
            continue
        title = _plain(head[1])
        url = prefix + quote(title.replace(" ", "_"))
        start = page.find(b">", page.find(b"<text", head.end())) + 1
        source = _plain(page[start : page.rfind(b"</text>")]) if b"</text>" in page else ""
        yield head[3].decode(), url, title, markup.text(source)


def _pages(path: Path, warn: Callable[[str], None], longest: int) -> Iterator[bytes]:
    """Yield what stands before the first page, then each page from its tag on."""
    rest, count = b"", 0
    try:
        for block in blocks(path, _READ):
            *whole, rest = (rest + block).split(_END)
            if len(rest) > longest:
                warn(f"{path.name}: page {count + 1} has over {longest:,} bytes and was left out")
                rest = rest[: rest.find(b"<page>") + len(b"<page>")]  # without its head it is none
            for page in whole:
                header, _, content = page.rpartition(b"<page>")
                if not count:
                    yield _header(header, path)
                count += 1
                yield content
        if not count:
            yield _header(rest, path)
        cut = "" if b"</mediawiki>" in rest else "it has no end"
    except (EOFError, OSError) as error:
        if not count:
            raise UsageError(
                f"not a complete bzip2 file: {error}",
                where=str(path),
                fix="download it again; it has no complete page",
            ) from error
        cut = str(error)
    if cut:
        warn(
            f"{path.name}: the dump is cut off after {count} pages ({cut}); the complete pages are used"
        )


def _header(header: bytes, path: Path) -> bytes:
    if b"<mediawiki" not in header:
        raise UsageError(
            "not a dump: it does not begin with <mediawiki>",
            where=str(path),
            fix="set `path` to a file named like jawiki-20240101-pages-articles.xml.bz2",
        )
    return header


def _plain(escaped: bytes) -> str:
    return unescape(escaped.decode("utf-8", "replace"), {"&quot;": '"'})


def _batch(rows: list[tuple[str, str, str, str]]) -> pa.RecordBatch:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(columns, list(COLUMNS))
