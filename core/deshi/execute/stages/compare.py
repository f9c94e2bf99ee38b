"""`compare`: values and intervals of every row, group by group, with the shuffled baseline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from deshi.api import ComponentError, Json, Prediction
from deshi.emoji import Alphabet
from deshi.evaluate.comparisons import compare_rows
from deshi.evaluate.dependence import input_dependence
from deshi.evaluate.intervals import Interval, interval
from deshi.evaluate.replicates import Row as ReplicatedRow
from deshi.evaluate.resampling import Resamples
from deshi.execute.dataset import Evaluation, evaluation
from deshi.execute.stages.predict import read_predictions
from deshi.execute.stages.score import count, read_reachable, read_statistics, value_of
from deshi.execute.store import write_json

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.execute.job import Job

COMPARISON = "comparison.json"
_SEED = 0
_SHUFFLES = 20
"""Shuffles of the best row's answers that the shuffled baseline is the mean of."""


def compare(job: Job) -> Json:
    """Write `comparison.json`: for each row its metrics with intervals, and the shuffled rows."""
    metrics = [_Scale.of(part, job.component(part)) for part in job.params["metrics"]]
    rows: dict[str, Json] = {}
    shuffled: list[Json] = []
    gold: dict[str, Json] = {}
    comparisons: list[Json] = []
    for group in job.params["groups"]:
        judged = _judged(job, group)
        resamples = Resamples.draw(
            [text.document for text in judged.texts], job.params["resamples"], _SEED
        )
        itself = tuple(Prediction(emojis=e.references[0]) for e in judged.expected)
        gold[group["id"]] = {
            scale.name: value_of(scale.metric, count(scale.metric, itself, judged))
            for scale in metrics
        }
        for row in group["rows"]:
            rows[row["id"]] = _compare_row(job, row, metrics, resamples)
            job.progress(len(rows), None)
        _depend(job, group, rows, metrics[0], judged)
        comparisons += _pairs(job, group, rows, metrics[0], resamples)
        best = _best(group["rows"], rows, metrics[0])
        if job.params["shuffled"] and best is not None:
            shuffled.append(_shuffled(job, group, best, metrics, judged, resamples))
    found = {"rows": rows, "shuffled": shuffled, "gold": gold, "comparisons": comparisons}
    write_json(job.out / COMPARISON, found)
    return {"rows": len(rows)}


def _judged(job: Job, group: Mapping[str, Json]) -> Evaluation:
    """Return the group's test set.

    Raises:
        ComponentError: rows of one group were judged on different texts, or in another order.
    """
    sets = [evaluation(job.inputs[address], group["gold"]) for address in group["evaluations"]]
    names = {tuple(text.id for text in judged.texts) for judged in sets}
    if len(names) > 1:
        raise ComponentError("rows of one group were judged on different texts", where="compare")
    return sets[0]


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
    bounds: tuple[float | None, float | None]

    @classmethod
    def of(cls, part: Mapping[str, Json], metric: Metric) -> _Scale:
        signs = {"higher": 1, "lower": -1, "none": 0}
        low, high = part["bounds"]
        return cls(part["label"], metric, signs[part["direction"]], (low, high))


def _compare_row(
    job: Job, row: Mapping[str, Json], metrics: Sequence[_Scale], resamples: Resamples
) -> Json:
    folders = [job.inputs[address] for address in row["scores"]]
    reachable = read_reachable(folders[0])
    shown: dict[str, Json] = {}
    for scale in metrics:
        runs = [read_statistics(folder, scale.name) for folder in folders]
        found = interval(scale.metric, runs, resamples, scale.bounds)
        values = [value_of(scale.metric, run) for run in runs]
        restricted = None
        if reachable.any() and not reachable.all():
            parts = [value_of(scale.metric, run[reachable]) for run in runs]
            known = [part for part in parts if part is not None]
            restricted = float(np.mean(known)) if len(known) == len(parts) else None
        shown[scale.name] = {**_plain(found), "restricted": restricted, "runs": values}
    return {
        "metrics": shown,
        "n_test": len(reachable),
        "n_documents": len(resamples.documents),
        "n_reachable": int(reachable.sum()),
        "tie_group": None,
        "input_dependence": None,
    }


def _pairs(
    job: Job,
    group: Mapping[str, Json],
    rows: dict[str, Json],
    primary: _Scale,
    resamples: Resamples,
) -> list[Json]:
    """Compare all pairs of a group on the primary metric; note each row's letters."""
    runs = {
        row["id"]: ReplicatedRow(
            [read_statistics(job.inputs[address], primary.name) for address in row["scores"]],
            deterministic=row["deterministic"],
        )
        for row in group["rows"]
    }
    found = compare_rows(
        primary.metric, runs, resamples, name=primary.name, higher_is_better=primary.sign >= 0
    )
    for name, letters in found.letters.items():
        rows[name]["tie_group"] = letters
    return [msgspec.to_builtins(one) for one in found.comparisons]


def _depend(
    job: Job,
    group: Mapping[str, Json],
    rows: dict[str, Json],
    primary: _Scale,
    judged: Evaluation,
) -> None:
    """Note whether each row's answers depend on the input; of several runs, the largest p counts.

    The index is made for metrics whose best value is 1; for others there is none.
    """
    if primary.sign != 1 or primary.bounds[1] != 1:
        return
    alphabet = Alphabet.full()
    for row in group["rows"]:
        runs = [
            input_dependence(
                primary.metric,
                read_predictions(job.inputs[a]),
                judged.expected,
                alphabet,
                seed=_SEED,
            )
            for a in row["predictions"]
        ]
        if all(np.isfinite(run.p) for run in runs):
            value = float(np.mean([run.value for run in runs]))
            rows[row["id"]]["input_dependence"] = {"value": value, "p": max(r.p for r in runs)}


def _shuffled(
    job: Job,
    group: Mapping[str, Json],
    best: Mapping[str, Json],
    metrics: Sequence[_Scale],
    judged: Evaluation,
    resamples: Resamples,
) -> Json:
    """Score the best row's answers on texts that they were not given to."""
    predicted = [read_predictions(job.inputs[address]) for address in best["predictions"]]
    rng = np.random.default_rng(_SEED)
    mixed = []
    for at in range(_SHUFFLES):
        answers = predicted[at % len(predicted)]
        mixed.append(tuple(answers[i] for i in rng.permutation(len(answers))))
    shown: dict[str, Json] = {}
    for scale in metrics:
        runs = [count(scale.metric, answers, judged) for answers in mixed]
        values = [value_of(scale.metric, run) for run in runs]
        found = interval(scale.metric, runs, resamples, scale.bounds)
        shown[scale.name] = {**_plain(found), "restricted": None, "runs": values}
    return {
        "group": group["id"],
        "of": best["id"],
        "metrics": shown,
        "n_test": len(judged.texts),
        "n_documents": len(resamples.documents),
        "shuffles": _SHUFFLES,
    }


def _best(
    rows: Sequence[Mapping[str, Json]], compared: Mapping[str, Json], primary: _Scale
) -> Mapping[str, Json] | None:
    """Return the best row that is no baseline, or the best baseline where there is nothing else."""
    candidates = [row for row in rows if not row["baseline"]] or list(rows)

    def rank(row: Mapping[str, Json]) -> float:
        value = compared[row["id"]]["metrics"][primary.name]["value"]
        return -np.inf if value is None else float(value) * (primary.sign or 1)

    return max(candidates, key=rank, default=None)


def _plain(found: Interval) -> dict[str, Json]:
    return {"value": found.value, "low": found.low, "high": found.high, "reason": found.reason}
