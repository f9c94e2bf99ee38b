"""Cuts many documents into sentences at once: `sentences` and `normalise` on arrays.

A table gives every character a class, and what the rules ask is then a few comparisons of arrays. A
line in which brackets may decide (one in seventy of Wikipedia) and a sentence that has to be
normalised go through those two functions themselves, so that both ways give the same sentences.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from deshi_plugins.corpora.normalise import CHANGED, normalise
from deshi_plugins.corpora.sentences import CLOSING, OPENING, WORD, sentence_ends

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Bytes = npt.NDArray[np.uint8]

_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"  # where str.splitlines splits
_SPACE, _CHANGED, _BREAK, _MARK, _ASCII_MARK, _BRACKET = 1, 2, 3, 4, 5, 6
_CLASS, _WIDTH = (
    np.uint8(0b1111),
    np.uint8(4),
)  # the bits of the class, and the offset of those of the width


class SentenceSplit(NamedTuple):
    """The sentences of some documents in order, and the index of the document of each."""

    sentences: pa.StringArray
    documents: Ints


def split_sentences(texts: pa.StringArray) -> SentenceSplit:
    """Return all sentences of some documents, normalised, none of them empty; null has none."""
    texts = pc.fill_null(texts, "")
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    if not len(texts) or offsets[0] == offsets[-1]:
        return SentenceSplit(pa.array([], pa.string()), np.empty(0, np.int64))
    return _Batch(
        memoryview(texts.buffers()[2])[offsets[0] : offsets[-1]], offsets - offsets[0]
    ).cut()


class _Batch:
    """The text of all documents in a row; positions count units of UTF-16 unless stated as bytes."""

    def __init__(self, data: memoryview, offsets: npt.NDArray[np.int32]) -> None:
        self.data = data
        self.units = np.frombuffer(str(data, "utf-8").encode("utf-16-le"), np.uint16)
        known = _table()[self.units]
        self.bytes = np.zeros(len(known) + 1, np.int32)
        np.cumsum(known >> _WIDTH, out=self.bytes[1:])
        self.documents = np.searchsorted(self.bytes, offsets)
        self.classes = known & _CLASS
        self.at = np.flatnonzero(self.classes != 0)  # of booleans: three times as fast
        self.of = self.classes[self.at]

    def cut(self) -> SentenceSplit:
        bounds = self._bounds()
        starts, stops = self._trimmed(bounds)
        changed = self._changed(bounds)
        # Between two sentences lies an entry with what belongs to neither; `take` leaves it out.
        parts = pa.StringArray.from_buffers(
            2 * len(starts) - 1,
            pa.py_buffer(self.bytes[np.stack((starts, stops), axis=1).ravel()]),
            pa.py_buffer(self.data),
        )
        spans = zip(starts[changed].tolist(), stops[changed].tolist(), strict=True)
        fixed = [normalise(self._text(start, stop)) for start, stop in spans]
        kept = starts < stops
        kept[changed] = [bool(sentence) for sentence in fixed]
        rows = np.flatnonzero(kept)
        sentences = parts.take(pa.array(2 * rows))
        if fixed:
            mask = np.zeros(len(kept), np.bool_)
            mask[changed] = True
            filled = pa.array([sentence for sentence in fixed if sentence], pa.string())
            sentences = pc.replace_with_mask(sentences, pa.array(mask[rows]), filled)
        return SentenceSplit(sentences, np.searchsorted(self.documents, starts[rows], "right") - 1)

    def _text(self, start: int, stop: int) -> str:
        return str(self.data[self.bytes[start] : self.bytes[stop]], "utf-8")

    def _bounds(self) -> Ints:
        """Return where a line or a sentence begins, and the end of all."""
        bound = np.zeros(len(self.units) + 1, np.bool_)
        bound[self.documents] = True
        bound[self.at[self.of == _BREAK] + 1] = True
        lines = np.flatnonzero(bound)
        at, classes = self.at[self.of >= _MARK], self.of[self.of >= _MARK]
        line = np.searchsorted(lines, at, "right") - 1
        depth, torn = _nesting(classes, line)
        slow = np.zeros(len(lines), np.bool_)
        slow[line[torn | self._in_word(at, classes)]] = True
        ends = at[(classes < _BRACKET) & (depth == 0) & ~slow[line]] + 1
        bound[ends[np.diff(ends, append=-1) != 1]] = True  # of marks in a row the last one ends
        for one in np.flatnonzero(slow).tolist():
            start, stop = int(lines[one]), int(lines[one + 1])
            text = self._text(start, stop)
            for end in sentence_ends(text):
                bound[start + len(text[:end].encode("utf-16-le")) // 2] = True
        return np.flatnonzero(bound)

    def _in_word(self, at: Ints, classes: Bytes) -> Bools:
        """Find the ASCII marks that may stand within a word."""
        follows = np.zeros(len(at), np.bool_)
        ascii_marks = np.flatnonzero(classes == _ASCII_MARK)
        behind = np.minimum(at[ascii_marks] + 1, len(self.units) - 1)
        follows[ascii_marks] = _word_table()[self.units[behind]]
        return follows

    def _trimmed(self, bounds: Ints) -> tuple[Ints, Ints]:
        """Return begin and end of each sentence without its line break and a space at either end."""
        starts, stops = bounds[:-1], bounds[1:]
        stops = stops - (self.classes[stops - 1] == _BREAK)
        starts = starts + ((self.classes[starts] == _SPACE) & (starts < stops))
        stops -= (self.classes[stops - 1] == _SPACE) & (starts < stops)
        return starts, stops

    def _changed(self, bounds: Ints) -> Ints:
        """Return the sentences to normalise."""
        spaces = self.at[self.of == _SPACE]
        twice = spaces[1:][np.diff(spaces) == 1]
        odd = np.concatenate((self.at[self.of == _CHANGED], twice))
        return np.unique(np.searchsorted(bounds, odd, "right") - 1)


def _nesting(classes: Bytes, line: Ints) -> tuple[Ints, Bools]:
    """Return how deep in brackets each mark and bracket stands in its line, and the torn brackets.

    Where no bracket of a line is torn, each has its partner within all pairs around it: sorted by
    depth, an opening one stands before the closing one of its kind.
    """
    is_bracket = classes >= _BRACKET
    opens = is_bracket & (classes % 2 == _BRACKET % 2)
    step = 2 * opens.astype(np.int32) - is_bracket
    depth = np.cumsum(step)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    depth -= np.repeat(depth[first] - step[first], np.diff(first, append=len(line)))
    brackets = np.flatnonzero(is_bracket)
    level = depth[brackets] + ~opens[brackets]
    brackets = brackets[np.lexsort((level, line[brackets]))]
    kind, nesting = (
        classes[brackets],
        np.stack((line[brackets], depth[brackets] + ~opens[brackets])),
    )
    fits = (
        (kind[1:] == kind[:-1] + 1)
        & opens[brackets[:-1]]
        & (nesting[:, 1:] == nesting[:, :-1]).all(0)
    )
    torn = np.zeros(len(line), np.bool_)
    torn[brackets] = ~(np.append(fits, False) | np.append(False, fits))
    return depth, torn


@functools.cache
def _word_table() -> Bools:
    """Say of each unit of UTF-16 whether an ASCII mark before it stands within a word."""
    return np.array([WORD.match(chr(code)) is not None for code in range(0x10000)])


@functools.cache
def _table() -> Bytes:
    """Return the class of each unit of UTF-16 and its bytes in UTF-8, half of four in a surrogate."""
    table = np.zeros(0x10000, np.uint8)
    table[[code for code in range(0x10000) if CHANGED.match(chr(code))]] = _CHANGED
    for characters, kind in (
        (_BREAKS, _BREAK),
        (" ", _SPACE),
        ("。！？", _MARK),
        ("!?", _ASCII_MARK),
    ):
        table[list(map(ord, characters))] = kind
    for number, pair in enumerate(zip(OPENING, CLOSING, strict=True)):
        table[list(map(ord, pair))] = _BRACKET + 2 * number, _BRACKET + 2 * number + 1
    widths = np.full(0x10000, 3, np.uint8)
    widths[:0x800], widths[:0x80], widths[0xD800:0xE000] = 2, 1, 2
    return table | widths << _WIDTH
