"""Label sets as numbers: the shared fast form of predictions and references.

A metric that counts works on integers. Encoding a million answers costs more than any kernel on the
result, so the last few encoded sequences are remembered and ten metrics encode once.

This module imports numpy and scipy; `deshi.api` loads it only when one of its names is used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, overload

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from deshi.api.kinds import Sparse
    from deshi.api.records import Emojis, Expected, Prediction
    from deshi.emoji import Alphabet

T = TypeVar("T")
Integers: TypeAlias = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class LabelSets:
    """Label sets over an alphabet of `width` emoji, one a row, as sparse counts and as sequences.

    `indices[indptr[i]:indptr[i+1]]` are the distinct emoji of row i in ascending order, `counts`
    how often each was given. `codes[starts[i]:starts[i+1]]` is the row as it was given, repeats
    kept, -1 for an emoji outside the alphabet. `unknown[i]` counts what can match nothing: the
    pieces that were no emoji, and the emoji outside the alphabet. The arrays are read-only.
    """

    width: int
    indptr: Integers
    indices: Integers
    counts: Integers
    unknown: Integers
    starts: Integers
    codes: Integers

    def __len__(self) -> int:
        return len(self.unknown)

    @property
    def sizes(self) -> Integers:
        """The size of each set with its unknown pieces, shape (rows,)."""
        sizes: Integers = np.diff(self.indptr) + self.unknown
        return sizes

    @property
    def lengths(self) -> Integers:
        """The number of emoji in each row, repeats included, unknown pieces not, shape (rows,)."""
        lengths: Integers = np.diff(self.starts)
        return lengths

    def pattern(self) -> Sparse:
        """Return 1 where a row has an emoji, shape (rows, width), int8."""
        return self._matrix(np.ones(len(self.indices), np.int8))

    def multiplicities(self) -> Sparse:
        """Return how often each row has each emoji, shape (rows, width), float64."""
        return self._matrix(self.counts.astype(np.float64))

    def take(self, rows: Integers) -> LabelSets:
        """Return these rows, in this order, with repeats where they repeat."""
        indptr, cells = gather(self.indptr, rows)
        starts, indices = gather(self.starts, rows)
        return LabelSets(
            width=self.width,
            indptr=indptr,
            indices=self.indices[cells],
            counts=self.counts[cells],
            unknown=self.unknown[rows],
            starts=starts,
            codes=self.codes[indices],
        )

    def _matrix(self, data: npt.NDArray[Any]) -> Sparse:
        shape = (len(self), self.width)
        matrix = csr_array((data, self.indices, self.indptr), shape=shape)
        # Known by construction; scipy would otherwise look at every row before each product.
        matrix.has_canonical_format = True
        return matrix


@dataclass(frozen=True, eq=False)
class References:
    """All references of all items, stacked: item i owns the rows `offsets[i]:offsets[i+1]`."""

    sets: LabelSets
    offsets: Integers

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def single(self) -> bool:
        """Whether every item has exactly one reference, so that rows are items."""
        return len(self.sets) == len(self)

    @property
    def owner(self) -> Integers:
        """The item that each row belongs to, shape (rows,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def first(self) -> LabelSets:
        """Return each item's first reference, its gold."""
        return self.sets if self.single else self.sets.take(self.offsets[:-1])

    def take(self, items: Integers) -> References:
        """Return the references of these items, in this order."""
        offsets, rows = gather(self.offsets, items)
        return References(self.sets.take(rows), offsets)


class Selection(Sequence[T]):
    """`base[rows[0]], base[rows[1]], …` as a sequence, whose encoded form is selected."""

    def __init__(self, base: Sequence[T], rows: Integers) -> None:
        self.base = base
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[T]:
        return map(self.base.__getitem__, self.rows.tolist())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Selection[T]: ...
    def __getitem__(self, index: int | slice) -> T | Selection[T]:
        if isinstance(index, slice):
            return Selection(self.base, self.rows[index])
        return self.base[int(self.rows[index])]


def encode_predictions(predicted: Sequence[Prediction], alphabet: Alphabet) -> LabelSets:
    """Return the answers as label sets, one row a prediction."""
    if isinstance(predicted, Selection):
        return encode_predictions(predicted.base, alphabet).take(predicted.rows)
    return _PREDICTIONS.encoded(predicted, alphabet)


def encode_references(expected: Sequence[Expected], alphabet: Alphabet) -> References:
    """Return all references, stacked in order.

    Raises:
        ValueError: if an item has no reference; the message says which.
    """
    if isinstance(expected, Selection):
        return encode_references(expected.base, alphabet).take(expected.rows)
    return _REFERENCES.encoded(expected, alphabet)


def encode_sequences(
    sequences: Sequence[Emojis], alphabet: Alphabet, unknown: Iterable[int] = ()
) -> LabelSets:
    """Return sequences of canonical emoji as label sets; nothing is remembered.

    `unknown` gives the number of tokens of each row that were not emoji; without it there are none.
    """
    rows = len(sequences)
    starts = _bounds(map(len, sequences), rows)
    flat = chain.from_iterable(sequences)
    # Measured: most of the time of encoding goes into this line; pyarrow's index_in is no faster.
    codes = np.fromiter(map(_codes(alphabet).__getitem__, flat), np.int32, int(starts[-1]))
    unknowns = np.fromiter(unknown, np.int64)
    if not len(unknowns):
        unknowns = np.zeros(rows, np.int64)
    return _assemble(codes, starts, unknowns, len(alphabet))


def gather(bounds: Integers, rows: Integers) -> tuple[Integers, Integers]:
    """Return the bounds of the chosen rows, and the indices of their cells in the old arrays.

    Row i of the old arrays is `bounds[i]:bounds[i+1]`.
    """
    lengths = np.diff(bounds)[rows]
    chosen = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(lengths, out=chosen[1:])
    cells = np.arange(chosen[-1]) + np.repeat(bounds[rows] - chosen[:-1], lengths)
    return chosen, cells


def _assemble(codes: Integers, starts: Integers, unknowns: Integers, width: int) -> LabelSets:
    inside, bounds, unknown = codes, starts, unknowns
    outside = codes < 0
    if outside.any():
        before = np.concatenate(([0], np.cumsum(outside)))[starts]
        inside, bounds, unknown = codes[~outside], starts - before, unknowns + np.diff(before)
    # A copy, because sum_duplicates sorts in place, and `codes` must keep the order of the answer.
    ones = np.ones(len(inside), np.int32)
    sets = csr_array((ones, inside, bounds), shape=(len(unknowns), width), copy=True)
    sets.sum_duplicates()
    for array in (sets.indptr, sets.indices, sets.data, unknown, starts, codes):
        array.flags.writeable = False
    return LabelSets(
        width=width,
        indptr=sets.indptr,
        indices=sets.indices,
        counts=sets.data,
        unknown=unknown,
        starts=starts,
        codes=codes,
    )


def _encode_predictions(predicted: Sequence[Prediction], alphabet: Alphabet) -> LabelSets:
    answers = [prediction.emojis for prediction in predicted]
    return encode_sequences(answers, alphabet, [prediction.unknown for prediction in predicted])


def _encode_references(expected: Sequence[Expected], alphabet: Alphabet) -> References:
    references = [item.references for item in expected]
    offsets = _bounds(map(len, references), len(references))
    numbers = np.diff(offsets)
    if not numbers.all():
        message = f"item {np.argmin(numbers)} has no reference"
        raise ValueError(message)
    if len(references) == offsets[-1]:
        stacked = [only for (only,) in references]
    else:
        stacked = [*chain.from_iterable(references)]
    return References(encode_sequences(stacked, alphabet), offsets)


def _bounds(lengths: Iterable[int], rows: int) -> Integers:
    bounds = np.zeros(rows + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, rows), out=bounds[1:])
    return bounds


class _Codes(dict[str, int]):
    """The numbers of an alphabet's emoji; -1 for whatever it does not have."""

    def __missing__(self, emoji: str) -> int:
        return -1


@functools.lru_cache(maxsize=8)
def _codes(alphabet: Alphabet) -> _Codes:
    return _Codes((symbol, code) for code, symbol in enumerate(alphabet.symbols))


class _Memory(Generic[T]):
    """The last few encoded sequences.

    A sequence counts as the same if it has equal items now, so that one that was changed in place
    is encoded again; Python compares items by identity first, which makes this all but free. The
    sequences are held by strong references, hence the limit on the sum of their lengths.
    """

    entries = 4
    items = 250_000

    def __init__(self, encode: Callable[[Sequence[Any], Alphabet], T]) -> None:
        self._encode = encode
        self._known: tuple[tuple[list[Any], Alphabet, T], ...] = ()

    def encoded(self, sequence: Sequence[Any], alphabet: Alphabet) -> T:
        content = sequence if type(sequence) is list else list(sequence)
        known = self._known
        for entry in known:
            if entry[1] == alphabet and entry[0] == content:
                self._known = (entry, *(other for other in known if other is not entry))
                return entry[2]
        result = self._encode(content, alphabet)
        kept = [(list(content), alphabet, result), *known[: self.entries - 1]]
        while len(kept) > 1 and sum(len(entry[0]) for entry in kept) > self.items:
            kept.pop()
        self._known = tuple(kept)
        return result


_PREDICTIONS = _Memory(_encode_predictions)
_REFERENCES = _Memory(_encode_references)
