"""Rows that two runs have both, and the test texts that both judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deshi.statistics.replicates import RowScores
from deshi_tools.run_diff.row_changes import SharedRow

if TYPE_CHECKING:
    from deshi.api import Expected
    from deshi.runs.saved_run import SavedRow, SavedRun

SAME_MODELS = "the same models"
SAME_SCORES = "every run in both scores the same on every shared text"
NOTHING_SHARED = "no test text is shared"


@dataclass(frozen=True)
class Pair:
    """A row of both runs, and at which places of each the shared texts stand."""

    old: SavedRow
    new: SavedRow
    old_at: Sequence[int]
    new_at: Sequence[int]


def pair_rows(old: SavedRun, new: SavedRun) -> list[Pair]:
    """Return the rows of both runs, with their shared texts."""
    return [Pair(a, b, *_shared(old, new, a, b)) for a, b in matches(old.rows, new.rows)]


def matches(
    old: Mapping[str, SavedRow], new: Mapping[str, SavedRow]
) -> Iterator[tuple[SavedRow, SavedRow]]:
    """Yield the rows of both runs: those of one cell, then those of one id, in the new run's order.

    An id changes where an axis becomes one value or several, and then the whole cell tells.
    """
    cells = {frozenset(row.result.cell.items()): row for row in old.values()}
    found = {name: cells.get(frozenset(row.result.cell.items())) for name, row in new.items()}
    taken = {row.result.id for row in found.values() if row is not None}
    for name, row in new.items():
        match = found[name]
        if match is None and name in old and name not in taken:
            match = old[name]
        if match is not None:
            yield match, row


def matched(old: SavedRun, new: SavedRun, pair: Pair, metric: str) -> SharedRow:
    """Return the counts of a metric on the texts that both judged, and what changed about these."""
    row, old_row = pair.new.result.id, pair.old.result.id
    baseline = pair.new.result.baseline
    if not pair.new_at:
        return SharedRow(row, old_row, baseline, reason=NOTHING_SHARED)
    before, after = old.test_set(pair.old), new.test_set(pair.new)
    both = list(zip(pair.old_at, pair.new_at, strict=True))
    counts = (
        _at(old.counts(pair.old, metric), pair.old_at),
        _at(new.counts(pair.new, metric), pair.new_at),
    )
    return SharedRow(
        row=row,
        old_row=old_row,
        baseline=baseline,
        old=counts[0],
        new=counts[1],
        documents=[after.texts[at].document for at in pair.new_at],
        gold_changed=sum(_gold(before.expected[x]) != _gold(after.expected[y]) for x, y in both),
        text_changed=sum(before.texts[x].text != after.texts[y].text for x, y in both),
        reason=_why_no_test(pair, *counts),
    )


def _shared(old: SavedRun, new: SavedRun, a: SavedRow, b: SavedRow) -> tuple[list[int], list[int]]:
    """Return where the shared texts stand: those of one id that the corpus words alike."""
    before, after = old.test_set(a), new.test_set(b)
    places = {
        (text.id, source): at
        for at, (text, source) in enumerate(zip(before.texts, before.sources, strict=True))
    }
    keys = ((text.id, source) for text, source in zip(after.texts, after.sources, strict=True))
    both = [(places[key], at) for at, key in enumerate(keys) if key in places]
    return [x for x, _ in both], [y for _, y in both]


def _why_no_test(pair: Pair, old: RowScores, new: RowScores) -> str:
    """Say why a difference would mean nothing: the rows share models.

    Another number of test texts gives the same answers another address, so the scores tell as well;
    of more seeds the first are those of the fewer.
    """
    if set(pair.old.predictions) & set(pair.new.predictions):
        return SAME_MODELS
    both = zip(old.runs, new.runs, strict=False)
    same = all(abs(a - b).max() == 0 for a, b in both)
    return SAME_SCORES if same else ""


def _at(row: RowScores, places: Sequence[int]) -> RowScores:
    at = np.asarray(places)
    return RowScores([run[at] for run in row.runs], deterministic=row.deterministic)


def _gold(expected: Expected) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(reference) for reference in expected.references)
