"""Strips wiki markup: what is left of a page's source is its text.

Templates, tables, references, files, categories and the content of elements that are no prose go;
links and formatting leave their text. Nothing is expanded: the output of templates is lost.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

# Elements whose content is no prose. `ref` may close itself, and so may the others by mistake.
_SILENT = (
    "ref|references|math|chem|ce|gallery|timeline|score|syntaxhighlight|source|imagemap|inputbox|"
    "graph|hiero|categorytree|section|templatedata|templatestyles|mapframe|maplink"
)
_OPEN = re.compile(rf"<!--|<({_SILENT})\b[^<>]*?(/?)>", re.IGNORECASE)
_CLOSE = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in _SILENT.split("|")}
_BRACES = re.compile(r"\{\{\{(?!\{)|\{\{|\}\}\}(?!\})|\}\}")
_TABLE = re.compile(r"^[ \t:*#;]*(\{\|)|^[ \t]*(\|\})", re.MULTILINE)
_LINK_BRACKETS = re.compile(r"\[\[|\]\]")
_LINK = re.compile(r"\[\[([^\[\]|]*)(?:\|([^\[\]]*))?\]\]")
_WEB_LINK = re.compile(r"\[(?:https?:|ftp:|mailto:)?//[^\s\[\]<>]*+[ \t\u3000]*+([^\[\]]*+)\]")
_LINE = re.compile(
    r"^[ \t]*(?P<level>={1,6})(.*?)(?P=level)[ \t]*$"  # a heading
    r"|^[*#:;]+[ \t]*"  # an entry of a list
    r"|^-{4,}",
    re.MULTILINE,
)
_INLINE = re.compile(r"'{2,5}|__[A-Z]{3,}__|-\{|\}-|</?[A-Za-z][^<>]*>")
_BREAK = re.compile(r"<(?:br|hr|p|/p|li|/div|/tr)\b[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d+|#[xX][\da-fA-F]+|[A-Za-z]\w*);")


class Markup:
    """Strips the markup of one wiki; the names of its namespaces identify links that are no text.

    Args:
        silent: Names of the namespaces whose links are files and categories, in any case.
    """

    def __init__(self, silent: Iterable[str]) -> None:
        names = "|".join(sorted(map(re.escape, {*silent, "File", "Image", "Category", "Media"})))
        self._silent = re.compile(rf"\[\[[ \t]*(?:{names})[ \t]*:", re.IGNORECASE)

    def text(self, source: str) -> str:
        """Return the text of a page."""
        if "<" in source:
            source = _without(_silent(source), source)
        source = _without(_template_spans(source), source)
        source = _without(_tables(source), source)
        if self._silent.search(source) is not None:
            source = _without(self._files(source), source)
        source = _LINK.sub(_link_text, source)
        if "[" in source:
            source = _WEB_LINK.sub(r"\1", source)
        source = _LINE.sub(lambda match: (match[2] or "").strip(), source)
        source = _INLINE.sub("", _BREAK.sub("\n", source))
        return _ENTITY.sub(lambda match: html.unescape(match[0]), source)

    def _files(self, source: str) -> list[tuple[int, int]]:
        spans = _pairs((m.start(), m.end(), m[0] == "[[") for m in _LINK_BRACKETS.finditer(source))
        return _outermost(span for span in spans if self._silent.match(source, span[0]))


def _silent(source: str) -> list[tuple[int, int]]:
    """Return comments and elements whose content is no prose; an element that does not end stays."""
    spans: list[tuple[int, int]] = []
    endless: set[str] = set()
    position = 0
    for match in _OPEN.finditer(source):
        name = (match[1] or "").lower()
        if match.start() < position or name in endless:
            continue
        position = match.end()
        if not name:
            end = source.find("-->", position)
            position = len(source) if end < 0 else end + 3
        elif not match[2]:
            closing = _CLOSE[name].search(source, position)
            if closing is None:
                endless.add(name)
                continue
            position = closing.end()
        spans.append((match.start(), position))
    return spans


def _link_text(link: re.Match[str]) -> str:
    """Return what a link shows: its label, or else its target."""
    label = link[2]
    if label is None:
        return link[1].removeprefix(":")
    return label


def _template_spans(source: str) -> list[tuple[int, int]]:
    """Return the templates and parameters, the outermost only."""
    pairs = _pairs((m.start(), m.end(), m[0][0] == "{") for m in _BRACES.finditer(source))
    return _outermost(pairs)


def _tables(source: str) -> list[tuple[int, int]]:
    pairs = _pairs((m.start(), m.end(), m[1] is not None) for m in _TABLE.finditer(source))
    return _outermost(pairs)


def _pairs(brackets: Iterable[tuple[int, int, bool]]) -> list[tuple[int, int]]:
    """Return the spans of brackets that have a partner, by where they end."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for start, end, opens in brackets:
        if opens:
            opened.append(start)
        elif opened:
            spans.append((opened.pop(), end))
    return spans


def _outermost(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    outermost: list[tuple[int, int]] = []
    for start, end in spans:
        while outermost and outermost[-1][0] >= start:
            outermost.pop()
        outermost.append((start, end))
    return outermost


def _without(spans: list[tuple[int, int]], source: str) -> str:
    """Return a text without some spans, which stand in order and do not overlap."""
    if not spans:
        return source
    pieces, position = [], 0
    for start, end in spans:
        pieces.append(source[position:start])
        position = end
    return "".join((*pieces, source[position:]))
