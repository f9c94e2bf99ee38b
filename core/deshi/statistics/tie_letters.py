"""Significance letters: rows that share none differ significantly, rows that share one do not.

The compact letter display by insert, absorb and sweep (Piepho 2004). Start with one group of all
rows. For each pair that differs, every group that holds both becomes two, one without each; a group
inside another goes. At last each group gives up the rows whose ties other groups show already.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from math import isnan
from string import ascii_lowercase
from typing import TypeAlias

Groups: TypeAlias = list[frozenset[int]]
Letters: TypeAlias = tuple[str, ...]

_LETTER = re.compile(r"[a-z][0-9]*")


def tie_letters(
    values: Sequence[float | None], differ: Iterable[tuple[int, int]], *, higher_is_better: bool
) -> list[Letters | None]:
    """Return each row's letters: 'a' is the group of the best row; None for a row without a value.

    `differ` holds the pairs of positions in `values` that differ significantly, in either order;
    pairs with a row without a value are passed over. Two rows share a letter if and only if they are
    not among them.
    """
    known = [at for at, value in enumerate(values) if value is not None and not isnan(value)]
    known.sort(key=lambda at: values[at] or 0.0, reverse=higher_is_better)
    rank = {at: place for place, at in enumerate(known)}
    apart = {frozenset((rank[i], rank[j])) for i, j in differ if i in rank and j in rank and i != j}
    groups = _swept(_inserted(len(known), sorted(map(sorted, apart))))
    named = [(letter(n), group) for n, group in enumerate(sorted(groups, key=sorted))]
    return [
        tuple(name for name, group in named if rank[at] in group) if at in rank else None
        for at in range(len(values))
    ]


def letter(number: int) -> str:
    """Return a, b, ..., z, a1, b1, ... for 0, 1, ...: letters can be read from a row of them again."""
    round_, at = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[at] + (str(round_) if round_ else "")


def read_letters(text: str) -> Letters:
    """Return the letters of a row as a table shows them: of `abc`, or of `ya1b1`."""
    return tuple(_LETTER.findall(text))


def _inserted(rows: int, apart: Sequence[Sequence[int]]) -> Groups:
    groups: Groups = [frozenset(range(rows))] if rows else []
    for i, j in apart:
        split = [group for group in groups if i in group and j in group]
        kept = [group for group in groups if not (i in group and j in group)]
        halves = {half for group in split for half in (group - {i}, group - {j})}
        groups = kept + _absorbed(halves, kept)
    return groups


def _absorbed(halves: Collection[frozenset[int]], kept: Groups) -> Groups:
    """Return the halves that lie in no other group; no kept group can lie in a half."""
    inside = {h for h in halves if any(h <= k for k in kept) or any(h < other for other in halves)}
    return [half for half in halves if half not in inside]


def _swept(groups: Groups) -> Groups:
    """Take from each group, the worst first, the rows whose ties there the others show as well."""
    swept = sorted(groups, key=sorted)
    for at in reversed(range(len(swept))):
        others = swept[:at] + swept[at + 1 :]
        for row in sorted(swept[at], reverse=True):
            ties = swept[at] - {row}
            mine = [other for other in others if row in other]
            if mine and all(any(tie in other for other in mine) for tie in ties):
                swept[at] = ties
    return [group for group in swept if group]
