"""A few test texts with their gold and the best rows' predictions, to see what a run is about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deshi.api import Emojis, UsageError

if TYPE_CHECKING:
    from deshi.runs.saved_run import SavedRow, SavedRun

_TEXTS, _ROWS = 3, 2
_LENGTH = 20
"""Characters of a text that a narrow window shows whole; longer ones are drawn where too few are."""


@dataclass(frozen=True)
class Example:
    """One text, its gold, and the first run's predictions of some rows, in their order."""

    text: str
    gold: Emojis
    predictions: tuple[Emojis, ...]


@dataclass(frozen=True)
class Examples:
    """Texts drawn by a hash of their ids, so that no result decides which are shown."""

    rows: tuple[str, ...]
    gold: str
    texts: tuple[Example, ...]


def examples_of(saved: SavedRun) -> Examples | None:
    """Return examples of the first comparison group; None where there is nothing to show.

    The rows are the group's two best that students gave.
    """
    groups = [row.result.group for row in saved.rows.values() if not row.result.baseline]
    best = (
        [
            row
            for row in saved.rows.values()
            if row.result.group == groups[0] and not row.result.baseline
        ]
        if groups
        else []
    )
    if not best:
        return None
    try:
        return _drawn(saved, best[:_ROWS])
    except UsageError:  # an artefact was removed; the table is still worth showing
        return None


def _drawn(saved: SavedRun, rows: list[SavedRow]) -> Examples:
    judged = saved.test_set(rows[0])
    predictions = [saved.first_predictions(row) for row in rows]
    texts = judged.texts
    order = sorted(
        range(len(texts)), key=lambda at: (len(texts[at].text) > _LENGTH, _hash(texts[at].id))
    )
    return Examples(
        rows=tuple(row.result.id for row in rows),
        gold=rows[0].result.gold,
        texts=tuple(
            Example(
                texts[at].text,
                judged.expected[at].references[0],
                tuple(several[at].emojis for several in predictions),
            )
            for at in order[:_TEXTS]
        ),
    )


def _hash(text_id: str) -> str:
    return hashlib.blake2b(text_id.encode(), digest_size=8).hexdigest()
