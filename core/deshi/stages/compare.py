"""`compare`: values, intervals and tests of every row, group by group, with the derived baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deshi.api import ComponentError, Prediction
from deshi.benchmark.part import MetricPart
from deshi.benchmark.stage_params import ComparedGroup, ComparedRow, CompareParams
from deshi.emoji import Alphabet
from deshi.results import Comparison, Value, Vocabulary
from deshi.stages.dataset import evaluation
from deshi.stages.derived_baselines import (
    Predictions,
    derived_baselines,
    perfect_choice,
    vocabulary,
)
from deshi.stages.predict import read_predictions
from deshi.stages.score import count, read_reachable, read_statistics, value_of
from deshi.stages.standings import BaselineStanding, Standing, Standings
from deshi.statistics.comparisons import GroupComparisons, compare_rows
from deshi.statistics.input_dependence import input_dependence
from deshi.statistics.intervals import Bounds, shown_interval, with_edges
from deshi.statistics.replicates import Replicates, RowScores, replicate
from deshi.statistics.resampling import Resamples
from deshi.workspace.manifest import CompareFigures

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.workspace.job import Job

_SEED = 0


def compare(job: Job[CompareParams]) -> CompareFigures:
    """Write `comparison.json`: intervals, derived baselines, comparisons, the gold's figures."""
    metrics = [_RankedMetric.of(part, job.component(part)) for part in job.params.metrics]
    rows: dict[str, Standing] = {}
    baselines: list[BaselineStanding] = []
    comparisons: list[Comparison] = []
    gold: dict[str, Mapping[str, float | None]] = {}
    for compared in job.params.groups:
        group = _Group(job, compared, metrics)
        values = group.values()
        tested = group.pairs()
        rows |= {
            row.id: group.standing(row, values[row.id], tested.letters.get(row.id))
            for row in compared.rows
        }
        job.progress(len(rows), None)
        comparisons += tested.comparisons
        baselines += group.baselines(values, job.params.made)
        gold[compared.id] = group.gold()
    Standings(rows=rows, made=tuple(baselines), gold=gold, comparisons=tuple(comparisons)).write(
        job.out
    )
    return CompareFigures(rows=len(rows))


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


class _Group:
    """The rows that were evaluated on the same texts against the same gold."""

    def __init__(
        self, job: Job[CompareParams], group: ComparedGroup, metrics: Sequence[_RankedMetric]
    ) -> None:
        sets = [evaluation(job.inputs[address], group.gold) for address in group.evaluations]
        if len({tuple(text.id for text in test_set.texts) for test_set in sets}) > 1:
            raise ComponentError(
                "rows of one group were evaluated on different texts", where="compare"
            )
        self._id = group.id
        self._rows = group.rows
        self._inputs = job.inputs
        self._reachable = {row.id: read_reachable(job.inputs[row.scores[0]]) for row in group.rows}
        self._metrics = metrics
        self._primary = metrics[0]
        self._test_set = sets[0]
        documents = [text.document for text in sets[0].texts]
        self._resamples = Resamples.draw(documents, job.params.resamples, _SEED)
        self._replicates: dict[str, Replicates] = {}

    def gold(self) -> dict[str, float | None]:
        """Return what the gold scores against itself: what a diversity figure is read beside."""
        itself = tuple(Prediction(emojis=e.references[0]) for e in self._test_set.expected)
        return {
            ranked.name: value_of(ranked.metric, count(ranked.metric, itself, self._test_set))
            for ranked in self._metrics
        }

    def values(self) -> dict[str, dict[str, Value]]:
        """Return each row's metrics with intervals; keep the primary one's replicates for `pairs`."""
        found: dict[str, dict[str, Value]] = {row.id: {} for row in self._rows}
        for ranked in self._metrics:
            scores = self._scores(ranked)
            drawn = replicate(ranked.metric, list(scores.values()), self._resamples)
            replicates = dict(zip(scores, drawn, strict=True))
            if ranked is self._primary:
                self._replicates = replicates
            for name, row in scores.items():
                inside = self._reachable[name]
                restricted = None
                if inside.any() and not inside.all():
                    restricted = _mean([value_of(ranked.metric, run[inside]) for run in row.runs])
                found[name][ranked.name] = _value(replicates[name], ranked, restricted=restricted)
        return found

    def _scores(self, ranked: _RankedMetric) -> dict[str, RowScores]:
        return {
            row.id: RowScores(
                [read_statistics(self._inputs[address], ranked.name) for address in row.scores],
                row.deterministic,
            )
            for row in self._rows
        }

    def standing(
        self, row: ComparedRow, values: Mapping[str, Value], letters: str | None
    ) -> Standing:
        """Return a row's values and letters, and whether its predictions depend on the input."""
        runs = self._runs_of(row)
        return Standing(
            n_test=len(self._test_set.texts),
            n_documents=len(self._resamples.documents),
            n_reachable=int(self._reachable[row.id].sum()),
            metrics=values,
            tie_group=letters,
            input_dependence=self._dependence(runs),
            vocabulary=self._vocabulary(runs),
        )

    def _runs_of(self, row: ComparedRow) -> list[Predictions]:
        return [read_predictions(self._inputs[address]) for address in row.predictions]

    def _vocabulary(self, runs: Sequence[Predictions]) -> Vocabulary:
        """Return how many emoji the runs predict, and how far these limit them."""
        emoji = float(np.mean([len(vocabulary(predictions)) for predictions in runs]))
        return Vocabulary(
            emoji=emoji, oracle=_mean([self._perfect(predictions) for predictions in runs])
        )

    def _perfect(self, predictions: Predictions) -> float | None:
        perfect = perfect_choice(predictions, self._test_set.expected)
        return value_of(self._primary.metric, count(self._primary.metric, perfect, self._test_set))

    def _dependence(self, runs: Sequence[Predictions]) -> dict[str, float | None] | None:
        """Say whether permuted predictions would have scored as well, on the first metric that can tell.

        The index is made for metrics whose best value is 1; where there is none, nothing is said.
        """
        fitting = (s.metric for s in self._metrics if s.sign == 1 and s.bounds[1] == 1)
        metric = next(fitting, None)
        if metric is None:
            return None
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
        return compare_rows(
            primary.metric,
            self._scores(primary),
            self._resamples,
            name=primary.name,
            higher_is_better=primary.sign >= 0,
            replicates=self._replicates,
            bounds=primary.bounds,
        )

    def baselines(
        self, values: Mapping[str, Mapping[str, Value]], wanted: Sequence[str]
    ) -> Iterator[BaselineStanding]:
        """Yield the baselines derived from the best row's predictions or the teacher's answers."""
        primary = self._primary.name
        best = max(self._candidates(), key=lambda row: self._rank(values[row.id][primary]))
        predictions = self._runs_of(best)
        for name, reason, runs in derived_baselines(
            wanted, self._test_set, best.id, predictions, _SEED
        ):
            metrics: dict[str, Value] = {}
            for ranked in self._metrics:
                counts = RowScores([count(ranked.metric, run, self._test_set) for run in runs])
                (found,) = replicate(ranked.metric, [counts], self._resamples)
                metrics[ranked.name] = _value(found, ranked, derived=True)
            yield BaselineStanding(
                name=name,
                group=self._id,
                of=best.id,
                reason=reason,
                runs=len(runs),
                metrics=metrics,
                n_test=len(self._test_set.texts),
                n_documents=len(self._resamples.documents),
            )

    def _candidates(self) -> Sequence[ComparedRow]:
        return [row for row in self._rows if not row.baseline] or self._rows

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
