"""`compare`: values, intervals and tests of every row, group by group, with the derived baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import issparse

from deshi.api import ComponentError, Prediction
from deshi.benchmark.part import MetricPart
from deshi.benchmark.stage_params import ComparedGroup, ComparedRow, CompareParams
from deshi.emoji import Alphabet
from deshi.registry import complain
from deshi.results import Comparison, Value, Vocabulary
from deshi.stages.dataset import evaluation
from deshi.stages.derived_baselines import (
    Predictions,
    derived_baselines,
    perfect_choice,
    vocabulary,
)
from deshi.stages.predict import are_equal_runs, read_predictions
from deshi.stages.score import count, failure_of, read_reachable, read_statistics, value_of
from deshi.stages.standings import BaselineStanding, Standing, Standings
from deshi.statistics.comparisons import GroupComparisons, compare_rows
from deshi.statistics.input_dependence import input_dependence
from deshi.statistics.intervals import Bounds, shown_interval, with_edges
from deshi.statistics.replicates import Replicates, RowScores, replicate
from deshi.statistics.resampling import Resamples
from deshi.workspace.manifest import CompareFigures, Failure

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.workspace.job import Job

_SEED = 0
_SECONDS, _SECONDS_OF_PRODUCT = 1e-8, 5e-11
"""What a resampled count takes, and each product that it is summed from where counts are dense."""
_MOST_SECONDS = 1200.0
"""A metric that would take longer is refused before it begins."""


def compare(job: Job[CompareParams]) -> CompareFigures:
    """Write `comparison.json`: intervals, derived baselines, comparisons, the gold's figures.

    A metric that fails costs its column. Rows are ranked by the first that is left and has a direction.
    """
    failed: dict[str, Failure] = {}
    groups = [_Group(job, compared) for compared in job.params.groups]
    metrics: list[_RankedMetric] = []
    for part in job.params.metrics:
        with _columns_of(part.label, failed):
            ranked = _RankedMetric.of(part, job.component(part))
            for group in groups:
                group.take(ranked)
            metrics.append(ranked)
    found = None
    while metrics and found is None:
        try:
            found = _standings(job, groups, metrics)
        except _MetricError as error:
            failed[error.metric] = failure_of(error.error)
            metrics = [ranked for ranked in metrics if ranked.name != error.metric]
    found = found or Standings()
    found.write(job.out)
    return CompareFigures(rows=len(found.rows), failed=failed)


def _standings(
    job: Job[CompareParams], groups: Sequence[_Group], metrics: Sequence[_RankedMetric]
) -> Standings:
    """Return where the rows of all groups stand on these metrics, and the tests on the primary one."""
    primary = next((ranked for ranked in metrics if ranked.sign), metrics[0])
    rows: dict[str, Standing] = {}
    baselines: list[BaselineStanding] = []
    comparisons: list[Comparison] = []
    gold: dict[str, Mapping[str, float | None]] = {}
    for group in groups:
        group.rank_by(primary, metrics)
        tested = group.pairs()
        rows |= {row.id: group.standing(row, tested.letters.get(row.id)) for row in group.rows}
        job.progress(len(rows), None)
        comparisons += tested.comparisons
        baselines += group.baselines(job.params.made)
        gold[group.id] = group.gold()
    return Standings(
        rows=rows,
        made=tuple(baselines),
        gold=gold,
        comparisons=tuple(comparisons),
        primary=primary.name,
    )


class _MetricError(Exception):
    """A metric failed; its column goes, the others stay."""

    def __init__(self, metric: str, error: ComponentError) -> None:
        super().__init__(metric)
        self.metric, self.error = metric, error


@contextmanager
def _columns_of(name: str, failed: dict[str, Failure]) -> Iterator[None]:
    """Note what goes wrong with a metric, and go on."""
    try:
        yield
    except ComponentError as error:
        failed[name] = failure_of(error)
    except _MetricError as error:
        failed[name] = failure_of(error.error)


@dataclass(frozen=True)
class _RankedMetric:
    """A metric with its name and the direction in which it is better: 1, -1, or 0 for neither."""

    name: str
    metric: Metric
    sign: int
    bounds: Bounds
    is_share: bool

    @classmethod
    def of(cls, part: MetricPart, metric: Metric) -> _RankedMetric:
        signs = {"higher": 1, "lower": -1, "none": 0}
        is_share = "share-of-texts" in part.capabilities
        return cls(part.label, metric, signs[part.direction], part.bounds, is_share)

    @contextmanager
    def at_work(self) -> Iterator[Metric]:
        """Give the metric; what it raises is told from what is wrong elsewhere."""
        try:
            yield self.metric
        except ComponentError as error:
            raise _MetricError(self.name, error) from error

    def check_width(self, rows: Mapping[str, RowScores], resamples: Resamples) -> None:
        """Refuse counts that differ in k, or so many that the resamples would take too long."""
        runs = [run for row in rows.values() for run in row.runs]
        widths = sorted({run.shape[1] for run in runs})
        if len(widths) > 1:
            what = f"returned k = {widths[0]} counts per text for one row, {widths[-1]} for another"
            fix = "let k depend on the parameters and the alphabet alone"
            complain(self.metric, "statistics", what, fix)
        numbers = len(resamples) * sum(run.shape[1] for run in runs)
        dense = len(resamples) * sum(run.shape[1] for run in runs if not issparse(run))
        seconds = numbers * _SECONDS + dense * len(resamples.documents) * _SECONDS_OF_PRODUCT
        if seconds > _MOST_SECONDS:
            what = (
                f"returned k = {widths[-1]:,} counts per text: with {len(resamples):,} resamples and "
                f"{len(runs)} runs that takes about {seconds / 60:,.0f} minutes"
            )
            least = max(100, int(len(resamples) * _MOST_SECONDS / seconds))
            fix = f"return fewer counts, or set benchmark.resamples = {least}"
            complain(self.metric, "statistics", what, fix)


class _Group:
    """The rows that were evaluated on the same texts against the same gold."""

    def __init__(self, job: Job[CompareParams], group: ComparedGroup) -> None:
        sets = [evaluation(job.inputs[address], group.gold) for address in group.evaluations]
        if len({tuple(text.id for text in test_set.texts) for test_set in sets}) > 1:
            raise ComponentError(
                "rows of one group were evaluated on different texts", where="compare"
            )
        self.id = group.id
        self.rows = group.rows
        self._inputs = job.inputs
        self._reachable = {row.id: read_reachable(job.inputs[row.scores[0]]) for row in group.rows}
        self._equal = {row.id: self._equal_runs(row) for row in group.rows}
        self._test_set = sets[0]
        documents = [text.document for text in sets[0].texts]
        self._resamples = Resamples.draw(documents, job.params.resamples, _SEED)
        self._values: dict[str, dict[str, Value]] = {row.id: {} for row in group.rows}
        self._drawn: tuple[str, dict[str, Replicates]] = ("", {})

    def _equal_runs(self, row: ComparedRow) -> int:
        """Return how many runs of a row predicted the same and so count as one; 0 where they differ."""
        runs = [self._inputs[address] for address in row.predictions]
        counted = not row.deterministic and len(runs) > 1 and are_equal_runs(runs)
        return len(runs) if counted else 0

    def rank_by(self, primary: _RankedMetric, metrics: Sequence[_RankedMetric]) -> None:
        """Take up the metrics that are left, and which of them ranks."""
        self._primary, self._metrics = primary, metrics

    def gold(self) -> dict[str, float | None]:
        """Return what the gold scores against itself: what a diversity figure is read beside."""
        itself = tuple(Prediction(emojis=e.references[0]) for e in self._test_set.expected)
        return {ranked.name: self._value_of(ranked, itself) for ranked in self._metrics}

    def _value_of(self, ranked: _RankedMetric, predictions: Predictions) -> float | None:
        with ranked.at_work() as metric:
            return value_of(metric, count(metric, predictions, self._test_set))

    def take(self, ranked: _RankedMetric) -> None:
        """Take each row's value on a metric, with its interval; keep the first one's replicates."""
        scores = self._scores(ranked)
        with ranked.at_work() as metric:
            ranked.check_width(scores, self._resamples)
            drawn = replicate(metric, list(scores.values()), self._resamples)
            replicates = dict(zip(scores, drawn, strict=True))
            if ranked.sign and not self._drawn[0]:
                self._drawn = ranked.name, replicates
            for name, row in scores.items():
                inside = self._reachable[name]
                restricted = None
                if inside.any() and not inside.all():
                    restricted = _mean([value_of(metric, run[inside]) for run in row.runs])
                value = _value(replicates[name], ranked, restricted=restricted)
                self._values[name][ranked.name] = value

    def _scores(self, ranked: _RankedMetric) -> dict[str, RowScores]:
        return {
            row.id: RowScores(
                [
                    read_statistics(self._inputs[address], ranked.name)
                    for address in (row.scores[:1] if self._equal[row.id] else row.scores)
                ],
                row.deterministic or bool(self._equal[row.id]),
            )
            for row in self.rows
        }

    def standing(self, row: ComparedRow, letters: str | None) -> Standing:
        """Return a row's values and letters, and whether its predictions depend on the input."""
        runs = self._runs_of(row)
        return Standing(
            n_test=len(self._test_set.texts),
            n_documents=len(self._resamples.documents),
            n_reachable=int(self._reachable[row.id].sum()),
            metrics=self._left(row),
            tie_group=letters,
            input_dependence=self._dependence(runs),
            vocabulary=self._vocabulary(runs),
            equal_runs=self._equal[row.id],
        )

    def _left(self, row: ComparedRow) -> dict[str, Value]:
        return {ranked.name: self._values[row.id][ranked.name] for ranked in self._metrics}

    def _runs_of(self, row: ComparedRow) -> list[Predictions]:
        runs = row.predictions[:1] if self._equal[row.id] else row.predictions
        return [read_predictions(self._inputs[address]) for address in runs]

    def _vocabulary(self, runs: Sequence[Predictions]) -> Vocabulary:
        """Return how many emoji the runs predict, and how far these limit them."""
        emoji = float(np.mean([len(vocabulary(predictions)) for predictions in runs]))
        return Vocabulary(
            emoji=emoji, oracle=_mean([self._perfect(predictions) for predictions in runs])
        )

    def _perfect(self, predictions: Predictions) -> float | None:
        return self._value_of(self._primary, perfect_choice(predictions, self._test_set.expected))

    def _dependence(self, runs: Sequence[Predictions]) -> dict[str, float | None] | None:
        """Say whether permuted predictions would have scored as well, on the first metric that can tell.

        The index is made for metrics whose best value is 1; where there is none, nothing is said.
        """
        fitting = (s for s in self._metrics if s.sign == 1 and s.bounds[1] == 1)
        ranked = next(fitting, None)
        if ranked is None:
            return None
        with ranked.at_work() as metric:
            found = input_dependence(
                metric,
                runs,
                self._test_set.expected,
                Alphabet.full(),
                documents=[text.document for text in self._test_set.texts],
                seed=_SEED,
            )
        return {"value": found.value, "p": found.p} if np.isfinite(found.p) else None

    def pairs(self) -> GroupComparisons:
        """Compare all pairs of rows on the primary metric, whose `values` were taken before."""
        primary = self._primary
        with primary.at_work() as metric:
            return compare_rows(
                metric,
                self._scores(primary),
                self._resamples,
                name=primary.name,
                higher_is_better=primary.sign >= 0,
                replicates=self._drawn[1] if self._drawn[0] == primary.name else None,
                bounds=primary.bounds,
            )

    def baselines(self, wanted: Sequence[str]) -> Iterator[BaselineStanding]:
        """Yield the baselines derived from the best row's predictions or the teacher's answers."""
        primary = self._primary.name
        best = max(self._candidates(), key=lambda row: self._rank(self._values[row.id][primary]))
        predictions = self._runs_of(best)
        for name, reason, runs in derived_baselines(
            wanted, self._test_set, best.id, predictions, _SEED
        ):
            yield BaselineStanding(
                name=name,
                group=self.id,
                of=best.id,
                reason=reason,
                runs=len(runs),
                metrics={one.name: self._derived(one, runs) for one in self._metrics},
                n_test=len(self._test_set.texts),
                n_documents=len(self._resamples.documents),
            )

    def _derived(self, ranked: _RankedMetric, runs: Sequence[Predictions]) -> Value:
        with ranked.at_work() as metric:
            counts = RowScores([count(metric, run, self._test_set) for run in runs])
            (found,) = replicate(metric, [counts], self._resamples)
            return _value(found, ranked, derived=True)

    def _candidates(self) -> Sequence[ComparedRow]:
        return [row for row in self.rows if not row.baseline] or self.rows

    def _rank(self, found: Value) -> float:
        return -np.inf if found.value is None else found.value * (self._primary.sign or 1)


def _value(
    found: Replicates,
    ranked: _RankedMetric,
    *,
    restricted: float | None = None,
    derived: bool = False,
) -> Value:
    """Return a row's value on a metric; a derived baseline is never retrained."""
    shown = shown_interval(found, ranked.bounds, retrained=not derived)
    if ranked.is_share:
        shown = with_edges(shown, found)
    return Value(
        value=shown.interval.value,
        low=shown.interval.low,
        high=shown.interval.high,
        question=shown.question,
        fixed_models=(shown.fixed_models.low, shown.fixed_models.high),
        reason=shown.interval.reason,
        restricted=restricted,
        runs=tuple(float(point) if np.isfinite(point) else None for point in found.points),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None
