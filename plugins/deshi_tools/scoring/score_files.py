"""Scores a file of predictions against a file of gold, without a registry or a workspace.

Both are JSON Lines with an `id` and an `emoji`: a list of emoji, or one string that is parsed; in
the gold also a list of lists, one for each reference. The gold is held as numbers, the predictions
are read once, in chunks, so that a million pairs need little memory.
"""

from __future__ import annotations

import functools
from array import array
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from deshi.api import ComponentError, Expected, Prediction, UsageError
from deshi.api.labelsets import gather
from deshi.emoji import Alphabet, Mode, canonical, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from deshi.api import Emojis, Metric
    from deshi.api.labelsets import Integers
    from deshi.api.records import Array

CHUNK = 100_000
SHOWN = 5
"""How many missing ids a message names."""


@dataclass(frozen=True, slots=True)
class Score:
    """The value of one metric over `n` items; NaN is undefined, or `failed` says why there is none."""

    value: float
    n: int
    failed: str = ""


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """What `deshi score` reports.

    `missing` counts gold items without a prediction, `extra` predictions without gold: neither is
    scored. `unknown_predicted` counts pieces of scored answers that were no emoji, which count as
    wrong; `unknown_gold` those of the gold, which are left out.
    """

    scores: Mapping[str, Score]
    n: int
    missing: int
    extra: int
    unknown_predicted: int
    unknown_gold: int


class _Row(msgspec.Struct, gc=False):
    id: str | int
    emoji: str | list[str]
    document: str | int | None = None


class _ManyReferences(msgspec.Struct, gc=False):
    id: str | int
    emoji: list[list[str]]
    document: str | int | None = None


_ROW = msgspec.json.Decoder(_Row)
_MANY_REFERENCES = msgspec.json.Decoder(_ManyReferences)


class Gold:
    """References by id, held as numbers of the alphabet's emoji: two bytes a label."""

    def __init__(self, alphabet: Alphabet) -> None:
        self.rows: dict[str, int] = {}
        self.documents: dict[int, str] = {}
        self.lines = array("Q")
        self.unknown = 0
        self._symbols = alphabet.symbols
        self._numbers = {symbol: number for number, symbol in enumerate(alphabet.symbols)}
        self._codes = array("H")
        self._lengths = array("Q", [0])
        self._references = array("Q", [0])

    def add(
        self, identity: str, document: str | int | None, line: int, references: Iterable[Emojis]
    ) -> None:
        """Take in one item; the arrays grow in place."""
        if document is not None:
            self.documents[len(self.lines)] = str(document)
        self.rows[identity] = len(self.lines)
        self.lines.append(line)
        before = len(self._lengths)
        for emojis in references:
            self._codes.extend([self._numbers[emoji] for emoji in emojis])
            self._lengths.append(len(emojis))
        self._references.append(len(self._lengths) - before)

    def expected(self, rows: Sequence[int]) -> list[Expected]:
        """Return the references of these items; all at once, which is much faster than singly."""
        offsets, references = gather(self._offsets, np.asarray(rows, np.int64))
        starts, places = gather(self._starts, references)
        codes = np.frombuffer(self._codes, np.uint16)[places]
        symbols = [self._symbols[code] for code in codes.tolist()]
        emojis = [tuple(symbols[start:stop]) for start, stop in pairwise(starts.tolist())]
        return [Expected(tuple(emojis[a:b])) for a, b in pairwise(offsets.tolist())]

    @functools.cached_property
    def _starts(self) -> Integers:
        return np.cumsum(np.frombuffer(self._lengths, np.uint64).astype(np.int64))

    @functools.cached_property
    def _offsets(self) -> Integers:
        return np.cumsum(np.frombuffer(self._references, np.uint64).astype(np.int64))


class _Sums:
    """Statistics of all metrics, summed over chunks."""

    def __init__(self, metrics: Mapping[str, Metric], alphabet: Alphabet) -> None:
        self._metrics = metrics
        self._alphabet = alphabet
        self._sums: dict[str, Array] = {}
        self._failed: dict[str, str] = {}
        self.n = 0
        self.unknown = 0

    def add(self, predicted: Sequence[Prediction], expected: Sequence[Expected]) -> None:
        if not predicted:
            return
        for name, metric in self._metrics.items():
            try:
                statistics = metric.statistics(predicted, expected, self._alphabet)
            except ComponentError as error:
                self._failed.setdefault(name, str(error))
                continue
            sums = np.asarray(statistics.sum(axis=0), np.float64).ravel()
            self._sums[name] = sums + self._sums[name] if name in self._sums else sums
        self.n += len(predicted)
        self.unknown += sum(prediction.unknown for prediction in predicted)

    def scores(self) -> dict[str, Score]:
        if not self.n:
            return {name: Score(float("nan"), 0) for name in self._metrics}
        return {name: self._score(name, metric) for name, metric in self._metrics.items()}

    def _score(self, name: str, metric: Metric) -> Score:
        if name not in self._failed:
            try:
                n = np.array(float(self.n))
                return Score(float(metric.value(self._sums[name], n)), self.n)
            except ComponentError as error:
                self._failed[name] = str(error)
        return Score(float("nan"), self.n, self._failed[name])


def score_files(
    gold: Path,
    predicted: Path,
    metrics: Mapping[str, Metric],
    *,
    allow_missing: bool = False,
    chunk: int = CHUNK,
) -> ScoreResult:
    """Return the metrics, over the alphabet of all emoji, of one file against another.

    Raises:
        UsageError: if a file cannot be read or a line is wrong; if an id occurs twice; if an id has
            no counterpart in the other file, unless `allow_missing`.
    """
    pairing = Pairing(gold, predicted, allow_missing=allow_missing)
    sums = _Sums(metrics, pairing.alphabet)
    for answers, expected in pairing.chunks(chunk):
        sums.add(answers, expected)
    unknown = pairing.references.unknown
    return ScoreResult(sums.scores(), sums.n, pairing.missing, pairing.extra, sums.unknown, unknown)


def read_pairs(
    gold: Path, predicted: Path, *, allow_missing: bool = False
) -> tuple[tuple[Prediction, ...], tuple[Expected, ...]]:
    """Return all predictions and their gold at once, for what cannot be summed over chunks.

    Raises what `score_files` raises.
    """
    answers: list[Prediction] = []
    expected: list[Expected] = []
    for block in Pairing(gold, predicted, allow_missing=allow_missing).chunks(CHUNK):
        answers += block[0]
        expected += block[1]
    return tuple(answers), tuple(expected)


class Pairing:
    """Reads the predictions against the gold, and counts what has no counterpart."""

    def __init__(
        self, gold: Path, predicted: Path, references: Gold | None = None, *, allow_missing: bool
    ) -> None:
        self.alphabet = Alphabet.full()
        self.references = references or read_gold(gold, self.alphabet)
        self.extra = 0
        self.missing = 0
        self._gold = gold
        self._predicted = predicted
        self._allow_missing = allow_missing

    def chunks(self, size: int) -> Iterator[tuple[list[Prediction], list[Expected]]]:
        """Yield predictions and gold in chunks; raises at the end if gold is left over."""
        for answers, rows in self.rows(size):
            yield answers, self.references.expected(rows)

    def rows(self, size: int) -> Iterator[tuple[list[Prediction], list[int]]]:
        """Yield predictions and the places of their gold; raises at the end if gold is left over."""
        seen = array("Q", bytes(8 * len(self.references.lines)))
        lines = _lines(self._predicted)
        while block := list(islice(lines, size)):
            answers, rows = [], []
            for number, line in block:
                item = _decoded(_ROW, line, self._predicted, number)
                identity = str(item.id)
                row = self.references.rows.get(identity)
                if row is None:
                    self._refuse_extra(identity, number)
                    continue
                _refuse_twice(identity, seen[row], self._predicted, number)
                seen[row] = number
                answers.append(Prediction(*_emojis(item.emoji)))
                rows.append(row)
            yield answers, rows
        self.missing = seen.count(0)
        if self.missing and not self._allow_missing:
            raise _missing(self._predicted, self._gold, self.references, seen)

    def _refuse_extra(self, identity: str, number: int) -> None:
        _refuse_extra(identity, self._gold, self._predicted, number, allowed=self._allow_missing)
        self.extra += 1


def read_gold(path: Path, alphabet: Alphabet) -> Gold:
    """Read a file of gold; raises UsageError for a wrong line, an id given twice, an empty file."""
    gold = Gold(alphabet)
    for number, line in _lines(path):
        item = _gold_item(line, path, number)
        identity = str(item.id)
        if identity in gold.rows:
            _refuse_twice(identity, gold.lines[gold.rows[identity]], path, number)
        references = []
        for written in item.emoji if isinstance(item, _ManyReferences) else (item.emoji,):
            emojis, unknown = _emojis(written)
            references.append(emojis)
            gold.unknown += unknown
        gold.add(identity, item.document, number, references)
    if not gold.lines:
        raise UsageError(
            what="no gold in this file", where=str(path), fix="write one item per line"
        )
    return gold


def _gold_item(line: bytes, path: Path, number: int) -> _Row | _ManyReferences:
    try:
        return _ROW.decode(line)
    except ValueError:
        pass
    try:
        return _MANY_REFERENCES.decode(line)
    except ValueError:
        # The first form is the common one, so its complaint is the more helpful.
        return _decoded(_ROW, line, path, number)


def _emojis(pieces: str | list[str]) -> tuple[Emojis, int]:
    """Return the canonical emoji, and how many pieces were none."""
    if isinstance(pieces, str):
        return _parsed(pieces)
    found = tuple(map(_FORMS.__getitem__, pieces))
    if None not in found:
        return found, 0
    known = tuple(emoji for emoji in found if emoji is not None)
    return known, len(found) - len(known)


class _Forms(dict[str, Any]):
    """The canonical form of each way to write an emoji, None for any other string."""

    def __missing__(self, piece: str) -> str | None:
        emoji = canonical(piece)
        if emoji is not None:
            # There are a few thousand ways to write an emoji, and no end of other strings.
            self[piece] = emoji
        return emoji


_FORMS = _Forms()


@functools.lru_cache(maxsize=1 << 14)
def _parsed(text: str) -> tuple[Emojis, int]:
    parsed = parse(text, mode=Mode.LABELS)
    return parsed.emojis, parsed.unknown


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers; blank ones and a byte-order mark are left out."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if not text.isspace():
                    yield number, text
    except OSError as error:
        raise UsageError(
            what=f"cannot be read: {error.strerror}", where=str(path), fix="name a JSON Lines file"
        ) from error


def _decoded(decoder: msgspec.json.Decoder[_Row], line: bytes, path: Path, number: int) -> _Row:
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        raise UsageError(
            what=str(error),
            where=f"{path}:{number}",
            fix='write {"id": "…", "emoji": ["…"]}, or one string for `emoji`; '
            "a list of lists is for several references in the gold",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            what=f"not JSON: {error}",
            where=f"{path}:{number}",
            fix="write one JSON object per line, in UTF-8",
        ) from error


def _refuse_twice(identity: str, first: int, path: Path, number: int) -> None:
    if first:
        raise UsageError(
            what=f"id {identity!r} was given before, on line {first}",
            where=f"{path}:{number}",
            fix="give each id once",
        )


def _refuse_extra(identity: str, gold: Path, path: Path, number: int, *, allowed: bool) -> None:
    if not allowed:
        raise UsageError(
            what=f"id {identity!r} is not in {gold}",
            where=f"{path}:{number}",
            fix="remove the line, or allow ids without counterpart",
        )


def _missing(predicted: Path, gold: Path, references: Gold, seen: array[int]) -> UsageError:
    absent = [identity for identity, row in references.rows.items() if not seen[row]]
    named = ", ".join(map(repr, absent[:SHOWN])) + (", …" if len(absent) > SHOWN else "")
    first = references.lines[references.rows[absent[0]]]
    return UsageError(
        what=f"no prediction for {len(absent)} of {len(references.lines)} ids: {named}",
        where=str(predicted),
        fix=f"add them (the first is {gold}:{first}), or allow ids without counterpart",
    )
