"""Two runs beside each other: what differs, which rows moved, which texts flipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from deshi.api import UsageError, nearest
from deshi.evaluate.claims import find_row
from deshi.evaluate.differs import Difference, described, differences
from deshi.evaluate.judging import Direction
from deshi.evaluate.moves import Matched, Move, most_changed, moves, per_text
from deshi.evaluate.replicates import Row as Counted

if TYPE_CHECKING:
    from deshi.api import Emojis, Expected, Metric
    from deshi.execute.reading import SavedRow, SavedRun

SAME_MODELS = "the very same models"
SAME_SCORES = "every run scores as it did on every shared text"
NOTHING_SHARED = "no test text is shared"


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


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """What `deshi compare OLD NEW` found.

    `only_old` and `only_new` name rows without a counterpart. `not_compared` gives, with the reason,
    rows that have no answers of their own in one of the runs.
    """

    old: str
    new: str
    metric: str
    direction: Direction
    differs: tuple[Difference, ...]
    rows: tuple[Move, ...]
    texts: tuple[Flip, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    not_compared: Mapping[str, str]


@dataclass(frozen=True)
class _Pair:
    """A row of both runs, and at which places of each the shared texts stand."""

    old: SavedRow
    new: SavedRow
    old_at: Sequence[int]
    new_at: Sequence[int]


def contrast(old: SavedRun, new: SavedRun, *, row: str | None = None, texts: int = 10) -> Contrast:
    """Compare two runs on the primary metric of the new one; `row` names whose texts are wanted.

    Raises:
        UsageError: both are one run, an artefact was removed, the metric is not the same in both, or no
            row is `row`.
    """
    if old.name == new.name:
        raise UsageError(
            f"both are the run {old.name}",
            where="deshi compare",
            mend="name two runs; see `deshi show --runs`",
        )
    name = new.results.primary.name
    info = old.metric_info(name)
    pairs = [_Pair(a, b, *_shared(old, new, a, b)) for a, b in matches(old.rows, new.rows)]
    wanted = find_row(row, [p.new.result.id for p in pairs], "--row") if row else None
    without = dict((*_answerless(old), *_answerless(new)))
    found: tuple[Move, ...] = ()
    flips: list[Flip] = []
    if pairs:
        metric = _metric(old, new, pairs[0], name)
        matched = [_matched(old, new, pair, name) for pair in pairs]
        found = moves(
            metric,
            matched,
            name=name,
            direction=info.direction,
            resamples=new.results.benchmark["resamples"],
        )
        for at in _shown(found, wanted):
            flips += _flips(old, new, pairs[at], matched[at], metric, texts)
    return Contrast(
        old=old.name,
        new=new.name,
        metric=name,
        direction=info.direction,
        differs=differences(
            described(old.results, old.prompts()), described(new.results, new.prompts())
        ),
        rows=found,
        texts=tuple(flips),
        only_old=_alone(old, {*without, *(p.old.result.id for p in pairs)}),
        only_new=_alone(new, {*without, *(p.new.result.id for p in pairs)}),
        not_compared=without,
    )


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


def _alone(run: SavedRun, others: set[str]) -> tuple[str, ...]:
    return tuple(name for name in run.rows if name not in others)


def _answerless(run: SavedRun) -> Iterator[tuple[str, str]]:
    for row in run.results.rows:
        if row.id in run.rows:
            continue
        if row.status == "ok":
            yield row.id, "a baseline that is made of other answers"
        else:
            yield row.id, f"{row.status} in {run.name}: {row.reason}"


def _shared(old: SavedRun, new: SavedRun, a: SavedRow, b: SavedRow) -> tuple[list[int], list[int]]:
    """Return where the shared texts stand: those of one id that the corpus words alike."""
    before, after = old.judged(a), new.judged(b)
    places = {
        (text.id, source): at
        for at, (text, source) in enumerate(zip(before.texts, before.sources, strict=True))
    }
    keys = ((text.id, source) for text, source in zip(after.texts, after.sources, strict=True))
    both = [(places[key], at) for at, key in enumerate(keys) if key in places]
    return [x for x, _ in both], [y for _, y in both]


def _metric(old: SavedRun, new: SavedRun, pair: _Pair, name: str) -> Metric:
    """Return the metric, which must be the same in both runs."""
    if name not in pair.old.metrics:
        raise UsageError(
            f"no metric '{name}'", where=f"run {old.name}", mend=nearest(name, pair.old.metrics)
        )
    if pair.old.metrics[name]["identity"] != pair.new.metrics[name]["identity"]:
        raise UsageError(
            f"metric '{name}' is not the same in both runs",
            where=f"{old.name} and {new.name}",
            mend="run both with one component, revision and parameters of it",
        )
    return new.metric(pair.new, name)


def _matched(old: SavedRun, new: SavedRun, pair: _Pair, metric: str) -> Matched:
    row, old_row = pair.new.result.id, pair.old.result.id
    baseline = pair.new.result.baseline
    if not pair.new_at:
        return Matched(row, old_row, baseline, reason=NOTHING_SHARED)
    before, after = old.judged(pair.old), new.judged(pair.new)
    both = list(zip(pair.old_at, pair.new_at, strict=True))
    counts = (
        _at(old.counts(pair.old, metric), pair.old_at),
        _at(new.counts(pair.new, metric), pair.new_at),
    )
    return Matched(
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


def _why_no_test(pair: _Pair, old: Counted, new: Counted) -> str:
    """Say why a difference would mean nothing: the rows are one."""
    if set(pair.old.answers) & set(pair.new.answers):
        return SAME_MODELS
    runs = list(zip(old.runs, new.runs, strict=False))
    same = len(old.runs) == len(new.runs) and all(abs(a - b).max() == 0 for a, b in runs)
    return SAME_SCORES if same else ""


def _at(row: Counted, places: Sequence[int]) -> Counted:
    at = np.asarray(places)
    return Counted([run[at] for run in row.runs], deterministic=row.deterministic)


def _gold(expected: Expected) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(reference) for reference in expected.references)


def _shown(found: Sequence[Move], wanted: str | None) -> list[int]:
    """Return the rows whose texts are shown: the wanted one, or those that moved, or the furthest."""
    if wanted is not None:
        return [at for at, move in enumerate(found) if move.row == wanted]
    moved = [at for at, move in enumerate(found) if move.moved]
    if moved:
        return moved
    known = [at for at, move in enumerate(found) if move.new is not None and move.old is not None]
    furthest = sorted(known, key=lambda at: (found[at].baseline, -_distance(found[at])))
    return furthest[:1]


def _distance(move: Move) -> float:
    return abs((move.new or 0.0) - (move.old or 0.0))


def _flips(
    old: SavedRun, new: SavedRun, pair: _Pair, matched: Matched, metric: Metric, texts: int
) -> Iterator[Flip]:
    if matched.old is None or matched.new is None:
        return
    values = per_text(metric, matched.old), per_text(metric, matched.new)
    before, after = old.judged(pair.old), new.judged(pair.new)
    said = old.first_answers(pair.old), new.first_answers(pair.new)
    for at in most_changed(*values, texts):
        x, y = pair.old_at[at], pair.new_at[at]
        yield Flip(
            row=matched.row,
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
