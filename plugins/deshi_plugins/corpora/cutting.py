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


class Cut(NamedTuple):
    """The sentences of some documents in order, and the index of the document of each."""

    sentences: pa.StringArray
    documents: Ints


def cut(texts: pa.StringArray) -> Cut:
    """Return all sentences of some documents, normalised, none of them empty; null has none."""
    texts = pc.fill_null(texts, "")
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    if not len(texts) or offsets[0] == offsets[-1]:
        return Cut(pa.array([], pa.string()), np.empty(0, np.int64))
    return _Batch(
        memoryview(texts.buffers()[2])[offsets[0] : offsets[-1]], offsets - offsets[0]
    ).cut()


class _Batch:
    """The characters of all documents in a row; positions count characters unless they say bytes."""

    def __init__(self, data: memoryview, offsets: npt.NDArray[np.int32]) -> None:
        self.data = data
        self.text = str(data, "utf-8")
        points = np.frombuffer(self.text.encode("utf-32-le"), np.uint32)
        self.classes = _table()[np.minimum(points, 0xFFFF)]
        firsts = np.flatnonzero((np.frombuffer(data, np.uint8) & 0xC0) != 0x80)
        self.bytes = np.append(firsts, len(data)).astype(np.int32)
        self.documents = np.searchsorted(self.bytes, offsets)

    def cut(self) -> Cut:
        bounds = self._bounds()
        starts, stops = self._trimmed(bounds)
        changed = self._changed(bounds)
        # Between two sentences lies an entry with what belongs to neither; `take` leaves it out.
        pieces = pa.StringArray.from_buffers(
            2 * len(starts) - 1,
            pa.py_buffer(self.bytes[np.stack((starts, stops), axis=1).ravel()]),
            pa.py_buffer(self.data),
        )
        spans = zip(starts[changed].tolist(), stops[changed].tolist(), strict=True)
        mended = [normalise(self.text[start:stop]) for start, stop in spans]
        kept = starts < stops
        kept[changed] = [bool(sentence) for sentence in mended]
        rows = np.flatnonzero(kept)
        sentences = pieces.take(pa.array(2 * rows))
        if mended:
            mask = np.zeros(len(kept), np.bool_)
            mask[changed] = True
            filled = pa.array([sentence for sentence in mended if sentence], pa.string())
            sentences = pc.replace_with_mask(sentences, pa.array(mask[rows]), filled)
        return Cut(sentences, np.searchsorted(self.documents, starts[rows], "right") - 1)

    def _bounds(self) -> Ints:
        """Return where a line or a sentence begins, and the end of all."""
        bound = np.zeros(len(self.classes) + 1, np.bool_)
        bound[self.documents] = True
        bound[1:] |= self.classes == _BREAK
        lines = np.flatnonzero(bound)
        at = np.flatnonzero(self.classes >= _MARK)
        classes = self.classes[at]
        line = np.searchsorted(lines, at, "right") - 1
        is_mark = classes < _BRACKET
        slow = np.zeros(len(lines), np.bool_)
        slow[line[_in_brackets(classes, is_mark, line) | self._in_word(at, classes)]] = True
        ends = at[is_mark & ~slow[line]] + 1
        bound[ends[np.diff(ends, append=-1) != 1]] = True  # of marks in a row the last one ends
        for one in np.flatnonzero(slow).tolist():
            start, stop = int(lines[one]), int(lines[one + 1])
            bound[[start + end for end in sentence_ends(self.text[start:stop])]] = True
        return np.flatnonzero(bound)

    def _in_word(self, at: Ints, classes: Bytes) -> Bools:
        """Find the ASCII marks that may stand within a word."""
        found = np.zeros(len(at), np.bool_)
        for index in np.flatnonzero(classes == _ASCII_MARK).tolist():
            found[index] = WORD.match(self.text, int(at[index]) + 1) is not None
        return found

    def _trimmed(self, bounds: Ints) -> tuple[Ints, Ints]:
        """Return begin and end of each piece without its line break and a space at either end."""
        starts, stops = bounds[:-1], bounds[1:].copy()
        stops -= self.classes[stops - 1] == _BREAK
        is_space = self.classes == _SPACE
        starts = starts + (is_space[starts] & (starts < stops))
        stops -= is_space[stops - 1] & (starts < stops)
        return starts, stops

    def _changed(self, bounds: Ints) -> Ints:
        """Return the pieces that have to be normalised."""
        is_space = self.classes == _SPACE
        odd = self.classes == _CHANGED
        odd[1:] |= is_space[1:] & is_space[:-1]
        return np.unique(np.searchsorted(bounds, np.flatnonzero(odd), "right") - 1)


def _in_brackets(classes: Bytes, is_mark: Bools, line: Ints) -> Bools:
    """Find the marks that may stand within brackets, and brackets that close nothing.

    A mark stands in none if, for each kind, as many have closed as have opened in the line before it
    and never more: whatever opened has then closed before the mark.
    """
    first = np.flatnonzero(np.diff(line, prepend=-1))
    sizes = np.diff(first, append=len(line))
    found = np.zeros(len(line), np.bool_)
    for opening in range(_BRACKET, _BRACKET + 2 * len(OPENING), 2):
        step = (classes == opening).astype(np.int32) - (classes == opening + 1)
        depth = np.cumsum(step, dtype=np.int32)
        depth -= np.repeat(depth[first] - step[first], sizes)
        found |= (depth < 0) | (is_mark & (depth > 0))
    return found


@functools.cache
def _table() -> Bytes:
    """Return the class of each character up to U+FFFF; the last stands for all that lie above."""
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
    return table
