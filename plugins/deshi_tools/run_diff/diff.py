"""Two runs beside each other: what differs, which rows moved, which texts flipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from deshi.api import Direction, UsageError, nearest
from deshi.runs.row_names import find_row
from deshi_tools.run_diff.matching_rows import Pair, matched, pair_rows
from deshi_tools.run_diff.row_changes import RowChange, SharedRow, most_changed, moves, per_text
from deshi_tools.run_diff.settings_diff import Difference, described, differences

if TYPE_CHECKING:
    from deshi.api import Emojis, Metric
    from deshi.results import MetricInfo
    from deshi.runs.saved_run import SavedRun


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """A text whose value changed: mean over runs, new minus old; answers of the first run of each."""

    row: str
    text_id: str
    document: str
    text: str
    old: float
    new: float
    change: float
    old_gold: tuple[Emojis, ...]
    new_gold: tuple[Emojis, ...]
    old_answer: Emojis
    new_answer: Emojis


class RunDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What `deshi compare OLD NEW` found.

    `only_old` and `only_new` name rows without a counterpart. `not_compared` gives, with the reason,
    rows that have no answers of their own in one of the runs.
    """

    old: str
    new: str
    metric: str
    direction: Direction
    differs: tuple[Difference, ...]
    rows: tuple[RowChange, ...]
    texts: tuple[Flip, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    not_compared: Mapping[str, str]


def contrast(old: SavedRun, new: SavedRun, *, row: str | None = None, texts: int = 10) -> RunDiff:
    """Compare two runs on the primary metric of the new one; `row` names whose texts are wanted.

    Raises:
        UsageError: both are one run, an artefact was removed, the metric is not the same in both, or no
            row is `row`.
    """
    if old.name == new.name:
        raise UsageError(
            f"both are the run {old.name}",
            where="deshi compare",
            fix="name two runs; see `deshi show --runs`",
        )
    name = new.results.primary.name
    info = old.metric_info(name)
    pairs = pair_rows(old, new)
    wanted = find_row(row, [p.new.result.id for p in pairs], "--row") if row else None
    found, flips = _moves_and_flips(old, new, pairs, info, wanted, texts) if pairs else ((), ())
    without = dict((*_answerless(old), *_answerless(new)))
    return RunDiff(
        old=old.name,
        new=new.name,
        metric=name,
        direction=info.direction,
        differs=differences(
            described(old.results, old.prompts()), described(new.results, new.prompts())
        ),
        rows=found,
        texts=flips,
        only_old=_alone(old, {*without, *(p.old.result.id for p in pairs)}),
        only_new=_alone(new, {*without, *(p.new.result.id for p in pairs)}),
        not_compared=without,
    )


def _moves_and_flips(
    old: SavedRun,
    new: SavedRun,
    pairs: Sequence[Pair],
    info: MetricInfo,
    wanted: str | None,
    texts: int,
) -> tuple[tuple[RowChange, ...], tuple[Flip, ...]]:
    metric = _metric(old, new, pairs[0], info.name)
    rows = [matched(old, new, pair, info.name) for pair in pairs]
    found = moves(
        metric,
        rows,
        name=info.name,
        direction=info.direction,
        bounds=info.bounds,
        resamples=new.results.benchmark["resamples"],
    )
    flips = (_flips(old, new, pairs[at], rows[at], metric, texts) for at in _shown(found, wanted))
    return found, tuple(chain.from_iterable(flips))


def _alone(run: SavedRun, others: set[str]) -> tuple[str, ...]:
    return tuple(name for name in run.rows if name not in others)


def _answerless(run: SavedRun) -> Iterator[tuple[str, str]]:
    for row in run.results.rows:
        if row.id in run.rows:
            continue
        if row.status == "ok":
            yield row.id, "a baseline derived from other predictions"
        else:
            yield row.id, f"{row.status} in {run.name}: {row.reason}"


def _metric(old: SavedRun, new: SavedRun, pair: Pair, name: str) -> Metric:
    """Return the metric, which must be the same in both runs."""
    if name not in pair.old.metrics:
        raise UsageError(
            f"no metric '{name}'", where=f"run {old.name}", fix=nearest(name, pair.old.metrics)
        )
    if pair.old.metrics[name].identity != pair.new.metrics[name].identity:
        raise UsageError(
            f"metric '{name}' is not the same in both runs",
            where=f"{old.name} and {new.name}",
            fix="run both with the same component, revision and parameters",
        )
    return new.metric(pair.new, name)


def _shown(found: Sequence[RowChange], wanted: str | None) -> list[int]:
    """Return the rows whose texts are shown: the wanted one, or those that moved, or the furthest."""
    if wanted is not None:
        return [at for at, move in enumerate(found) if move.row == wanted]
    moved = [at for at, move in enumerate(found) if move.moved]
    if moved:
        return moved
    known = [at for at, move in enumerate(found) if move.new is not None and move.old is not None]
    furthest = sorted(known, key=lambda at: (found[at].baseline, -_distance(found[at])))
    return furthest[:1]


def _distance(move: RowChange) -> float:
    return abs((move.new or 0.0) - (move.old or 0.0))


def _flips(
    old: SavedRun, new: SavedRun, pair: Pair, row: SharedRow, metric: Metric, texts: int
) -> Iterator[Flip]:
    if row.old is None or row.new is None:
        return
    values = per_text(metric, row.old), per_text(metric, row.new)
    before, after = old.test_set(pair.old), new.test_set(pair.new)
    said = old.first_predictions(pair.old), new.first_predictions(pair.new)
    for at in most_changed(*values, texts):
        x, y = pair.old_at[at], pair.new_at[at]
        yield Flip(
            row=row.row,
            text_id=after.texts[y].id,
            document=after.texts[y].document,
            text=after.texts[y].text,
            old=float(values[0][at]),
            new=float(values[1][at]),
            change=float(values[1][at] - values[0][at]),
            old_gold=before.expected[x].references,
            new_gold=after.expected[y].references,
            old_answer=said[0][x].emojis,
            new_answer=said[1][y].emojis,
        )
