"""Splits text into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

OPENING, CLOSING = "「『（(", "」』）)"
_PAIRS = dict(zip(OPENING, CLOSING, strict=True))
_BRACKET = re.compile("[" + re.escape(OPENING + CLOSING) + "]")

# An ASCII mark within a word ends nothing: `index.php?id=1`.
WORD = re.compile("[A-Za-z0-9_=&/]")
_END = re.compile(rf"(?:[。！？]|[!?](?!{WORD.pattern}))+[。！？!?]*[{re.escape(CLOSING)}]*")


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in order, none of them empty.

    A line ends a sentence, and so do 。！？!? with the closing brackets that follow them. Within
    「…」, 『…』 or （…） nothing is split; a bracket without its partner in the line is a character
    like any other. All characters but space around a sentence are kept.
    """
    for line in text.splitlines():
        start = 0
        for end in sentence_ends(line):
            if sentence := line[start:end].strip():
                yield sentence
            start = end
        if rest := line[start:].strip():
            yield rest


def sentence_ends(line: str) -> Iterator[int]:
    """Yield the positions behind each end of a sentence in one line."""
    match = _END.search(line)
    # Half of all lines are headings and list entries, which need no look at their brackets.
    pairs = _bracketed(line) if match is not None else []
    current = 0
    while match is not None:
        while current < len(pairs) and pairs[current][1] < match.start():
            current += 1
        if current < len(pairs) and pairs[current][0] < match.start():
            position = pairs[current][1] + 1
        else:
            position = match.end()
            yield position
        match = _END.search(line, position)


def _bracketed(line: str) -> list[tuple[int, int]]:
    """Return the outermost pairs of brackets as positions, in order."""
    pairs: list[tuple[int, int]] = []
    open_brackets: list[tuple[str, int]] = []
    for match in _BRACKET.finditer(line):
        bracket, position = match[0], match.start()
        if bracket in _PAIRS:
            open_brackets.append((_PAIRS[bracket], position))
            continue
        expected = [closing for closing, _ in open_brackets]
        if bracket not in expected:
            continue
        # An opening bracket that was left open within this pair is dropped with it.
        level = len(expected) - 1 - expected[::-1].index(bracket)
        begin = open_brackets[level][1]
        del open_brackets[level:]
        while pairs and pairs[-1][0] > begin:
            pairs.pop()
        pairs.append((begin, position))
    return pairs
