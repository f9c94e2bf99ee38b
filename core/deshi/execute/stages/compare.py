"""`compare`: values, intervals and tests of every row, group by group, with the made baselines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from deshi.api import ComponentError, Json, Prediction
from deshi.benchmark.part import MetricPart
from deshi.benchmark.stage_params import ComparedGroup, ComparedRow, CompareParams
from deshi.emoji import Alphabet
from deshi.evaluate.comparisons import compare_rows
from deshi.evaluate.dependence import input_dependence
from deshi.evaluate.intervals import Bounds, shown_interval
from deshi.evaluate.proportions import with_edges
from deshi.evaluate.replicates import Replicates, replicate
from deshi.evaluate.replicates import Row as Runs
from deshi.evaluate.resampling import Resamples
from deshi.execute.baselines import Answers, Best, made, perfect_choice, vocabulary
from deshi.execute.dataset import Evaluation, evaluation
from deshi.execute.figures import CompareFigures
from deshi.execute.stages.predict import read_predictions
from deshi.execute.stages.score import count, read_reachable, read_statistics, value_of
from deshi.execute.store import write_json

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.execute.job import Job

COMPARISON = "comparison.json"
_SEED = 0


def compare(job: Job[CompareParams]) -> CompareFigures:
    """Write `comparison.json`: rows with intervals, made baselines, comparisons, the gold's figures."""
    scales = [_Scale.of(part, job.component(part)) for part in job.params.metrics]
    rows: dict[str, Json] = {}
    baselines: list[Json] = []
    comparisons: list[Json] = []
    gold: dict[str, Json] = {}
    for compared in job.params.groups:
        group = _Group.of(job, compared, scales)
        rows |= group.compared()
        job.progress(len(rows), None)
        comparisons += group.pairs(rows)
        baselines += group.baselines(rows, job.params.made)
        gold[compared.id] = group.gold()
    found = {"rows": rows, "made": baselines, "gold": gold, "comparisons": comparisons}
    write_json(job.out / COMPARISON, found)
    return CompareFigures(rows=len(rows))


def read_comparison(folder: Path) -> dict[str, Json]:
    """Read what `compare` wrote."""
    content: dict[str, Json] = json.loads((folder / COMPARISON).read_text(encoding="utf-8"))
    return content


@dataclass(frozen=True)
class _Scale:
    """A metric with its name and the direction in which it is better: 1, -1, or 0 for neither."""

    name: str
    metric: Metric
    sign: int
    bounds: Bounds
    is_share: bool

    @classmethod
    def of(cls, part: MetricPart, metric: Metric) -> _Scale:
        signs = {"higher": 1, "lower": -1, "none": 0}
        is_share = "share-of-texts" in part.capabilities
        return cls(part.label, metric, signs[part.direction], part.bounds, is_share)


class _Group:
    """The rows that were judged on the same texts against the same gold."""

    def __init__(
        self,
        job: Job[CompareParams],
        group: ComparedGroup,
        scales: Sequence[_Scale],
        judged: Evaluation,
    ) -> None:
        self._id = group.id
        self._rows = group.rows
        self._scores = {
            row.id: [job.inputs[address] for address in row.scores] for row in group.rows
        }
        self._predictions = {
            row.id: [job.inputs[address] for address in row.predictions] for row in group.rows
        }
        self._scales = scales
        self._primary = scales[0]
        self._judged = judged
        documents = [text.document for text in judged.texts]
        self._resamples = Resamples.draw(documents, job.params.resamples, _SEED)
        self._replicates: dict[str, Replicates] = {}

    @classmethod
    def of(cls, job: Job[CompareParams], group: ComparedGroup, scales: Sequence[_Scale]) -> _Group:
        """Read the group's test set.

        Raises:
            ComponentError: rows of one group were judged on different texts, or in another order.
        """
        sets = [evaluation(job.inputs[address], group.gold) for address in group.evaluations]
        if len({tuple(text.id for text in judged.texts) for judged in sets}) > 1:
            raise ComponentError(
                "rows of one group were judged on different texts", where="compare"
            )
        return cls(job, group, scales, sets[0])

    def gold(self) -> dict[str, Json]:
        """Return what the gold scores against itself: what a diversity figure is read beside."""
        itself = tuple(Prediction(emojis=e.references[0]) for e in self._judged.expected)
        return {
            scale.name: value_of(scale.metric, count(scale.metric, itself, self._judged))
            for scale in self._scales
        }

    def compared(self) -> dict[str, Json]:
        """Return each row's metrics with intervals, and whether its answers depend on the input."""
        reachable = {name: read_reachable(folders[0]) for name, folders in self._scores.items()}
        metrics: dict[str, dict[str, Json]] = {name: {} for name in reachable}
        for scale in self._scales:
            runs = {
                row.id: Runs(self._statistics(row, scale), row.deterministic) for row in self._rows
            }
            for name, value in self._values(scale, runs, reachable):
                metrics[name][scale.name] = value
        return {
            name: {
                "metrics": metrics[name],
                "n_reachable": int(reachable[name].sum()),
                "tie_group": None,
                **self._sizes(),
                **self._answers(name),
            }
            for name in reachable
        }

    def _statistics(self, row: ComparedRow, scale: _Scale) -> list[Any]:
        return [read_statistics(folder, scale.name) for folder in self._scores[row.id]]

    def _sizes(self) -> dict[str, Json]:
        return {"n_test": len(self._judged.texts), "n_documents": len(self._resamples.documents)}

    def _values(
        self, scale: _Scale, runs: Mapping[str, Runs], reachable: Mapping[str, Any]
    ) -> Iterator[tuple[str, Json]]:
        """Yield each row's value on one metric; keep the replicates of the primary one for `pairs`."""
        found = dict(
            zip(runs, replicate(scale.metric, list(runs.values()), self._resamples), strict=True)
        )
        if scale is self._primary:
            self._replicates = found
        for name, row in runs.items():
            inside = reachable[name]
            restricted = None
            if inside.any() and not inside.all():
                restricted = _mean([value_of(scale.metric, run[inside]) for run in row.runs])
            yield name, {**_plain(found[name], scale), "restricted": restricted}

    def _answers(self, name: str) -> dict[str, Json]:
        """Return what only the answers themselves tell: input dependence, and how far emoji limit it."""
        runs = [read_predictions(folder) for folder in self._predictions[name]]
        scored = [self._perfect(answers) for answers in runs]
        return {
            "input_dependence": self._dependence(runs),
            "vocabulary": {
                "emoji": float(np.mean([len(vocabulary(answers)) for answers in runs])),
                "oracle": _mean(scored),
            },
        }

    def _perfect(self, answers: Answers) -> float | None:
        perfect = perfect_choice(answers, self._judged.expected)
        return value_of(self._primary.metric, count(self._primary.metric, perfect, self._judged))

    def _dependence(self, runs: Sequence[Answers]) -> Json:
        """Say whether shuffled answers would have scored as well, on the first metric that can tell.

        The index is made for metrics whose best value is 1; where there is none, nothing is said.
        """
        fitting = (s.metric for s in self._scales if s.sign == 1 and s.bounds[1] == 1)
        metric = next(fitting, None)
        if metric is None:
            return None
        found = input_dependence(
            metric,
            runs,
            self._judged.expected,
            Alphabet.full(),
            documents=[text.document for text in self._judged.texts],
            seed=_SEED,
        )
        return {"value": found.value, "p": found.p} if np.isfinite(found.p) else None

    def pairs(self, rows: dict[str, Json]) -> list[Json]:
        """Compare all pairs of rows on the primary metric; note each row's letters."""
        primary = self._primary
        runs = {
            row.id: Runs(self._statistics(row, primary), row.deterministic) for row in self._rows
        }
        found = compare_rows(
            primary.metric,
            runs,
            self._resamples,
            name=primary.name,
            higher_is_better=primary.sign >= 0,
            replicates=self._replicates,
            bounds=primary.bounds,
        )
        for name, letters in found.letters.items():
            rows[name]["tie_group"] = letters
        return [msgspec.to_builtins(one) for one in found.comparisons]

    def baselines(self, rows: Mapping[str, Json], wanted: Sequence[str]) -> Iterator[Json]:
        """Yield the baselines that are made of the best row's answers, or of the teacher's."""
        best = max(self._candidates(), key=lambda row: self._rank(rows[row.id]))
        runs = [read_predictions(folder) for folder in self._predictions[best.id]]
        for one in made(wanted, self._judged, Best(best.id, runs), _SEED):
            values: dict[str, Json] = {}
            for scale in self._scales:
                counts = Runs([count(scale.metric, run, self._judged) for run in one.runs])
                (found,) = replicate(scale.metric, [counts], self._resamples)
                values[scale.name] = {**_plain(found, scale, made=True), "restricted": None}
            yield {
                "name": one.name,
                "group": self._id,
                "of": best.id,
                "reason": one.reason,
                "runs": len(one.runs),
                "metrics": values,
                **self._sizes(),
            }

    def _candidates(self) -> Sequence[ComparedRow]:
        return [row for row in self._rows if not row.baseline] or self._rows

    def _rank(self, compared: Mapping[str, Json]) -> float:
        value = compared["metrics"][self._primary.name]["value"]
        return -np.inf if value is None else float(value) * (self._primary.sign or 1)


def _plain(found: Replicates, scale: _Scale, *, made: bool = False) -> dict[str, Json]:
    """Return a row's value on a metric as JSON; what is made has no recipe to speak of."""
    shown = shown_interval(found, scale.bounds, recipe=not made)
    if scale.is_share:
        shown = with_edges(shown, found)
    return {
        "value": shown.interval.value,
        "low": shown.interval.low,
        "high": shown.interval.high,
        "question": shown.question,
        "artefact": [shown.artefact.low, shown.artefact.high],
        "reason": shown.interval.reason,
        "runs": [float(point) if np.isfinite(point) else None for point in found.points],
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None
