"""`score`: the counts per test text of every metric, for one student and one seed."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array, issparse

from deshi.api import AttemptError, ComponentError, DeshiError
from deshi.benchmark.stage_params import ScoreParams
from deshi.emoji import Alphabet
from deshi.redaction import Mask
from deshi.stages.dataset import Evaluation, evaluation
from deshi.stages.fit import ALPHABET
from deshi.stages.predict import read_predictions
from deshi.workspace.manifest import Failure, ScoreFigures

if TYPE_CHECKING:
    from deshi.api import Metric, Prediction
    from deshi.workspace.job import Job

STATISTICS = "statistics.npz"


def score(job: Job[ScoreParams]) -> ScoreFigures:
    """Write `statistics.npz`: a matrix (texts, k) for each metric, and which gold is reachable.

    A metric that fails is left out, and the figures say why.
    """
    test_set = evaluation(job.inputs["evaluation"], job.params.gold)
    predicted = read_predictions(job.inputs["predict"])
    arrays: dict[str, Any] = {"reachable": _reachable(job, test_set)}
    values: dict[str, float | None] = {}
    failed: dict[str, Failure] = {}
    for part in job.params.metrics:
        try:
            metric: Metric = job.component(part)
            counts = count(metric, predicted, test_set)
            values[part.label] = value_of(metric, counts)
            arrays.update(_flat(part.label, counts))
        except (ComponentError, AttemptError) as error:  # it costs its column, no other
            failed[part.label] = failure_of(error)
    np.savez_compressed(job.out / STATISTICS, **arrays)
    return ScoreFigures(texts=len(predicted), values=values, failed=failed)


def failure_of(error: DeshiError) -> Failure:
    """Return what is kept of a metric's error."""
    return Failure(str(error), Mask()("".join(traceback.format_exception(error))))


def count(
    metric: Metric, predicted: tuple[Prediction, ...], test_set: Evaluation
) -> np.typing.NDArray[np.float64] | csr_array:
    """Return a metric's counts per text, shape (texts, k); what it gets is its own to spoil."""
    expected = [
        replace(one, shares=None if one.shares is None else dict(one.shares))
        for one in test_set.expected
    ]
    return metric.statistics([replace(one) for one in predicted], expected, Alphabet.full())


def value_of(metric: Metric, counts: np.typing.NDArray[np.float64] | csr_array) -> float | None:
    """Return a metric's value over all texts, or None where it is undefined."""
    sums = np.asarray(counts.sum(axis=0), dtype=np.float64)
    value = float(metric.value(sums, np.asarray(float(counts.shape[0]))))
    return value if np.isfinite(value) else None


def read_statistics(folder: Path, metric: str) -> np.typing.NDArray[np.float64] | csr_array:
    """Read one metric's counts per text, dense or sparse as they were written.

    Raises:
        ComponentError: the metric failed when they were to be written.
    """
    with np.load(folder / STATISTICS) as arrays:
        if metric in arrays:
            return np.asarray(arrays[metric])
        if f"{metric}:data" not in arrays:
            what, fix = f"metric '{metric}' failed in this run", "see `deshi show` for the reason"
            raise ComponentError(what, fix=fix)
        names = ("data", "indices", "indptr", "shape")
        data, indices, indptr, shape = (arrays[f"{metric}:{name}"] for name in names)
    return csr_array((data, indices, indptr), shape=tuple(shape))


def read_reachable(folder: Path) -> np.typing.NDArray[np.bool_]:
    """Read which test texts have gold inside the student's training alphabet, shape (texts,)."""
    with np.load(folder / STATISTICS) as arrays:
        return np.asarray(arrays["reachable"], dtype=bool)


def _flat(name: str, counts: Any) -> dict[str, Any]:  # noqa: ANN401
    if not issparse(counts):
        return {name: np.asarray(counts, dtype=np.float64)}
    matrix = csr_array(counts)
    return {
        f"{name}:data": matrix.data,
        f"{name}:indices": matrix.indices,
        f"{name}:indptr": matrix.indptr,
        f"{name}:shape": np.array(matrix.shape),
    }


def _reachable(job: Job[ScoreParams], test_set: Evaluation) -> np.typing.NDArray[np.bool_]:
    if "fit" not in job.inputs:  # a teacher's row: it knows all emoji
        return np.ones(len(test_set.texts), dtype=bool)
    learned = frozenset(json.loads((job.inputs["fit"] / ALPHABET).read_text(encoding="utf-8")))
    return np.array(
        [any(learned.issuperset(gold) for gold in e.references) for e in test_set.expected]
    )
