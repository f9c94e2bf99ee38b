"""Read ratings of people or judges: JSON Lines with an `id` and a `rating`, a number or a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from deshi.api import UsageError

if TYPE_CHECKING:
    from deshi.api.labelsets import Integers

Rating: TypeAlias = float | str


class _Line(msgspec.Struct):
    id: str | int
    rating: float | str | None


@dataclass(frozen=True)
class Ratings:
    """What raters gave: names, items, the different values in their order, codes (raters, items)."""

    raters: tuple[str, ...]
    items: tuple[str, ...]
    values: tuple[Rating, ...]
    codes: Integers

    @property
    def is_numeric(self) -> bool:
        """Whether all ratings are numbers, so that their order means something."""
        return not any(isinstance(value, str) for value in self.values)


def read_ratings(files: Sequence[Path]) -> Ratings:
    """Read one file a rater; an item may be missing in some.

    Raises:
        UsageError: a file or line is wrong, ratings mix numbers and words, or nothing was rated twice.
    """
    given = {_name(file, files): _read(file) for file in files}
    items = tuple(dict.fromkeys(item for ratings in given.values() for item in ratings))
    found = {rating for ratings in given.values() for rating in ratings.values()}
    words = [rating for rating in found if isinstance(rating, str)]
    if words and len(words) < len(found):
        raise UsageError(
            f"ratings mix numbers and words, such as {words[0]!r}",
            where=", ".join(map(str, files)),
            fix="use one kind",
        )
    values: tuple[Rating, ...] = tuple(
        sorted(found, key=lambda rating: (str(type(rating)), rating))
    )
    code = {value: at for at, value in enumerate(values)}
    rows = [[code[r[i]] if i in r else -1 for i in items] for r in given.values()]
    codes = np.array(rows, np.int64)
    if not ((codes >= 0).sum(axis=0) > 1).any():
        raise UsageError(
            "no item has two ratings",
            where=", ".join(map(str, files)),
            fix="use the same ids in all files",
        )
    return Ratings(tuple(given), items, values, codes)


def _name(file: Path, files: Sequence[Path]) -> str:
    return file.stem if sum(other.stem == file.stem for other in files) == 1 else str(file)


def _read(file: Path) -> Mapping[str, Rating]:
    found: dict[str, Rating] = {}
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot be read: {error}", where=str(file), fix="name a file in UTF-8"
        ) from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            one = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise UsageError(
                str(error),
                where=f"{file}:{number}",
                fix='write {"id": "…", "rating": 3}, or a word; null for no rating',
            ) from None
        if str(one.id) in found:
            raise UsageError(
                f"id '{one.id}' occurs twice",
                where=f"{file}:{number}",
                fix="give one rating per id",
            )
        if one.rating is not None:
            found[str(one.id)] = one.rating
    return found
