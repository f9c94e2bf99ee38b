"""`predict`: the predictions of a fitted student for the test texts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deshi.api import Json, Prediction
from deshi.benchmark.stage_params import PredictParams, StudentParams
from deshi.emoji import canonical
from deshi.registry import open_component
from deshi.stages.dataset import bare_text, evaluation
from deshi.stages.fit import fit_student
from deshi.stages.parquet_tables import PREDICTIONS, read_table, write_table
from deshi.workspace.manifest import FitFigures, PredictFigures

if TYPE_CHECKING:
    from pathlib import Path

    from deshi.api import Student, Text
    from deshi.workspace.job import Job

_RANKED = 100
"""How much of a ranking is kept: as much as the deepest ranked metric reads."""


def predict(job: Job[PredictParams]) -> PredictFigures:
    """Write `predictions.parquet`, one row per test text in the order of the evaluation."""
    texts = evaluation(job.inputs["evaluation"], job.params.gold).texts
    fitted: FitFigures | None = None
    with ExitStack() as stack:
        if "fit" in job.inputs:
            student = stack.enter_context(open_component(load_fitted(job)))
        else:  # a student that cannot be saved is fitted where it predicts
            built = job.component(job.params.student, seed=job.params.seed or 0)
            student = stack.enter_context(open_component(built))
            fitted = fit_student(job, student)
        predictions = student.predict([bare_text(text) for text in texts])
    write_predictions(job.out, texts, predictions)
    if fitted is None:
        return PredictFigures(texts=len(texts))
    return PredictFigures(texts=len(texts), train=fitted.train, report=fitted.report)


def write_predictions(
    folder: Path, texts: Sequence[Text], predictions: Sequence[Prediction]
) -> None:
    """Write one row per text; what a student gives as an emoji and is none counts as unknown."""
    pairs = zip(texts, predictions, strict=True)
    rows = [_row(text.id, in_canonical_form(prediction)) for text, prediction in pairs]
    write_table(folder / "predictions.parquet", PREDICTIONS, rows)


def read_predictions(folder: Path) -> tuple[Prediction, ...]:
    """Read the predictions of an artefact in their order."""
    rows = read_table(folder / "predictions.parquet", ("emojis", "unknown", "ranked", "scores"))
    return tuple(
        Prediction(
            emojis=tuple(row["emojis"]),
            unknown=row["unknown"],
            ranked=_ranked(row["ranked"], row["scores"]),
        )
        for row in rows
    )


def are_equal_runs(folders: Sequence[Path]) -> bool:
    """Say whether training runs predicted the same for every text, scores up to rounding."""
    first, *others = (_predictions_table(folder) for folder in folders)
    return all(_are_equal(first, other) for other in others)


def _predictions_table(folder: Path) -> pa.Table:
    with pq.ParquetFile(folder / "predictions.parquet") as file:
        return file.read(columns=["emojis", "unknown", "ranked", "scores"])


def _are_equal(one: pa.Table, other: pa.Table) -> bool:
    if not one.drop_columns("scores").equals(other.drop_columns("scores")):
        return False
    ours, theirs = (np.asarray(pc.list_flatten(table["scores"])) for table in (one, other))
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=0, atol=1e-6)


def in_canonical_form(prediction: Prediction) -> Prediction:
    """Return a prediction with its emoji in canonical form; what is not an emoji counts as unknown."""
    forms = [canonical(emoji) for emoji in prediction.emojis]
    known = tuple(form for form in forms if form is not None)
    if known == prediction.emojis:
        return prediction
    return replace(prediction, emojis=known, unknown=prediction.unknown + len(forms) - len(known))


def load_fitted(job: Job[StudentParams]) -> Student:
    """Return the student of the input `fit`, under the job's parameters."""
    part = job.params.student
    env = job.env(part, seed=job.params.seed or 0)
    return job.registry.load_student(part.id, part.params, job.inputs["fit"] / "model", env)


def _ranked(emojis: Sequence[str] | None, scores: Sequence[float] | None) -> Any:  # noqa: ANN401
    return None if emojis is None or scores is None else tuple(zip(emojis, scores, strict=True))


def _row(identifier: str, prediction: Prediction) -> dict[str, Json]:
    ranked = prediction.ranked[:_RANKED] if prediction.ranked is not None else None
    return {
        "id": identifier,
        "emojis": prediction.emojis,
        "unknown": prediction.unknown,
        "ranked": [emoji for emoji, _ in ranked] if ranked is not None else None,
        "scores": [float(score) for _, score in ranked] if ranked is not None else None,
    }
