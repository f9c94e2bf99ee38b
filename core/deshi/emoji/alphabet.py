"""The label alphabet: the emoji that a student may choose from."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deshi.emoji.parsing import canonical
from deshi.emoji.table import inventory

MAX_EMOJI = 5
"""The most emoji in a label or in a prediction."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """An immutable set of canonical emoji in the order of the inventory.

    Two alphabets of the same emoji are equal, have the same hash and number them alike.
    `Alphabet.of` takes emoji in any order and form; the constructor wants them as they are kept.
    """

    symbols: tuple[str, ...]
    _positions: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if _in_order(self.symbols) != self.symbols:
            message = "an alphabet holds canonical emoji, once each, in the order of the inventory"
            raise ValueError(message)
        positions = {symbol: position for position, symbol in enumerate(self.symbols)}
        object.__setattr__(self, "_positions", positions)

    @staticmethod
    @functools.cache
    def full() -> Alphabet:
        """Returns the alphabet of all 1,906 emoji."""
        return Alphabet(tuple(inventory()))

    @classmethod
    def of(cls, symbols: Iterable[str]) -> Alphabet:
        """Returns the alphabet of these emoji, in whatever form, order and number they come.

        Raises:
            ValueError: if a string is not one emoji; the message names it.
        """
        return cls(_in_order(map(_checked, symbols)))

    @property
    def hash(self) -> str:
        """The SHA-256 of the symbols in hexadecimal, for keys."""
        return hashlib.sha256("\n".join(self.symbols).encode()).hexdigest()

    def index(self, emoji: str) -> int:
        """Returns the position of a canonical emoji.

        Raises:
            ValueError: if it is not in the alphabet; the message names it.
        """
        try:
            return self._positions[emoji]
        except KeyError:
            message = f"{emoji!r} is not in the alphabet"
            raise ValueError(message) from None

    def __len__(self) -> int:
        return len(self.symbols)

    def __contains__(self, emoji: object) -> bool:
        return emoji in self._positions

    def __iter__(self) -> Iterator[str]:
        return iter(self.symbols)

    def __reduce__(self) -> tuple[type[Alphabet], tuple[tuple[str, ...]]]:
        return type(self), (self.symbols,)


def _checked(symbol: str) -> str:
    emoji = canonical(symbol)
    if emoji is None:
        message = f"{symbol!r} is not one emoji of the inventory"
        raise ValueError(message)
    return emoji


def _in_order(symbols: Iterable[str]) -> tuple[str, ...]:
    chosen = frozenset(symbols)
    return tuple(emoji for emoji in inventory() if emoji in chosen)
