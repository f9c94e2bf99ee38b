"""What a row of a saved run gets wrong, from its artefacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deshi.api import UsageError
from deshi.runs.row_names import find_row
from deshi_tools.error_analysis.mistakes import (
    Mistakes,
    Side,
    count_tags,
    disagreements,
    evaluated_texts,
)
from deshi_tools.error_analysis.slices import (
    Slice,
    frequency_classes,
    frequency_slice,
    length_slice,
    slices,
)
from deshi_tools.error_analysis.tag_file import read_tags
from deshi_tools.run_diff.row_changes import per_text

if TYPE_CHECKING:
    from deshi.results import MetricInfo
    from deshi.runs.saved_run import SavedRow, SavedRun, TestSet


_MOST_SLICES = 40
"""Different values beyond which what a corpus tells is no way to cut a test set."""


def mistakes(
    run: SavedRun,
    *,
    row: str | None = None,
    against: str | None = None,
    metric: str | None = None,
    tags: Path | None = None,
) -> Mistakes:
    """Return what a row gets wrong on a metric: by default the first row that is no baseline.

    `tags` is a file of tags that a person gave. Raises UsageError: no such row or metric, a wrong
    line in the file, an artefact was removed, or the row `against` was judged on something else.
    """
    mine = _row(run, row, "--row") if row else _first(run)
    info = run.metric_info(metric) if metric else run.results.primary
    judged, side = run.test_set(mine), _side(run, mine, info)
    corrected = read_tags(tags, [text.id for text in judged.texts]) if tags else {}
    texts = evaluated_texts(judged.texts, judged.expected, side, corrected)
    other = _row(run, against, "--against") if against else None
    apart = tuple(disagreements(texts, _other(run, mine, other, info))) if other else ()
    return Mistakes(
        run=run.name,
        row=mine.result.id,
        metric=info.name,
        direction=info.direction,
        tags=count_tags(texts),
        slices=_slices(run, mine, info),
        texts=texts,
        corrected=len(corrected),
        against=other.result.id if other else None,
        disagreements=apart,
        same=len(texts) - len(apart) if other else 0,
    )


def _slices(run: SavedRun, row: SavedRow, info: MetricInfo) -> tuple[Slice, ...]:
    judged = run.test_set(row)
    found = slices(
        run.metric(row, info.name),
        run.counts(row, info.name).runs,
        _names(judged, run.training_counts(row)),
        [text.document for text in judged.texts],
        bounds=info.bounds,
        resamples=run.results.benchmark["resamples"],
    )
    return tuple(found)


def _row(run: SavedRun, name: str, where: str) -> SavedRow:
    return run.rows[find_row(name, run.rows, where)]


def _first(run: SavedRun) -> SavedRow:
    rows = list(run.rows.values())
    if not rows:
        raise UsageError("no row has predictions", where=f"run {run.name}", fix="see `deshi show`")
    return next((row for row in rows if not row.result.baseline), rows[0])


def _side(run: SavedRun, row: SavedRow, info: MetricInfo) -> Side:
    values = per_text(run.metric(row, info.name), run.counts(row, info.name))
    return Side(run.first_predictions(row), values)


def _other(run: SavedRun, mine: SavedRow, other: SavedRow, info: MetricInfo) -> Side:
    if run.test_set(mine) != run.test_set(other):
        raise UsageError(
            f"{other.result.id} was evaluated on other texts or gold than {mine.result.id}",
            where="--against",
            fix="name a row of the same part of the table",
        )
    return _side(run, other, info)


def _names(judged: TestSet, counts: Mapping[str, int]) -> dict[str, Sequence[str]]:
    """Return, for each way to cut the test set, the slice of each text."""
    found: dict[str, Sequence[str]] = {
        "length": [length_slice(text.text) for text in judged.texts],
    }
    if counts:
        classes = frequency_classes(counts)
        found["gold emoji"] = [frequency_slice(e, counts, classes) for e in judged.expected]
    found |= _told(judged)
    found["document"] = [text.document for text in judged.texts]
    return found


def _told(judged: TestSet) -> dict[str, Sequence[str]]:
    """Return the slices of what the corpus tells of its texts, a theme say, where they are few."""
    keys = dict.fromkeys(key for text in judged.texts for key in text.meta)
    found = {key: [text.meta.get(key, "") for text in judged.texts] for key in keys}
    documents = len({text.document for text in judged.texts})
    return {
        key: values
        for key, values in found.items()
        if 1 < len(set(values)) <= min(_MOST_SLICES, documents - 1)
    }
