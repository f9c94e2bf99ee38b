"""How often an emoji was right that a row was so sure of: the points of a reliability diagram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deshi.api import Emojis, Json

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.html_report.page.answers import PagePredictions

_BINS = 10


def reliability(
    run: SavedRun, rows: Sequence[Row], answered: PagePredictions
) -> Iterator[tuple[str, list[Json]]]:
    """Yield, for each row whose scores can be read as chances, its bins: [mean score, share, n].

    The scores are those of the first run's ranking, which ends after 100 emoji a text.
    """
    for at, row in enumerate(rows):
        saved = answered.saved.get(row.id)
        if saved is not None:
            path = run.first_folder(saved) / "predictions.parquet"
            bins = _bins(path, answered.gold(row.group))
            if bins:
                yield str(at), bins


def _bins(path: Path, gold: Sequence[tuple[Emojis, ...]]) -> list[Json]:
    scores, right = _judged(path, gold)
    if not len(scores) or scores.min() < 0 or scores.max() > 1:
        return []
    place = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    found = []
    for at in np.unique(place):
        inside = place == at
        mean, share = float(scores[inside].mean()), float(right[inside].mean())
        found.append([round(mean, 4), round(share, 4), int(inside.sum())])
    return found


def _judged(path: Path, gold: Sequence[tuple[Emojis, ...]]) -> tuple[Any, Any]:
    """Return all scores of all texts, and whether each one's emoji is in the text's gold."""
    table = pq.read_table(path, columns=["ranked", "scores"])
    ranked = table["ranked"].combine_chunks()
    emojis = pc.list_flatten(ranked)
    texts = pc.list_parent_indices(ranked).to_numpy(zero_copy_only=False)
    scores = pc.list_flatten(table["scores"].combine_chunks()).to_numpy(zero_copy_only=False)
    known = sorted({emoji for references in gold for emojis in references for emoji in emojis})
    places = {emoji: at for at, emoji in enumerate(known)}
    codes = pc.index_in(emojis, pa.array(known, pa.string())).fill_null(-1)
    keys = texts.astype(np.int64) * len(known) + codes.to_numpy(zero_copy_only=False)
    wanted = [
        at * len(known) + places[emoji]
        for at, references in enumerate(gold)
        for emojis in references
        for emoji in emojis
    ]
    right = np.isin(keys, wanted) & (codes.to_numpy(zero_copy_only=False) >= 0)
    return scores, right
