"""`validate`: how well a fitted student does on the validation texts, document by document."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from deshi.benchmark.stage_params import ValidateParams
from deshi.emoji import Alphabet
from deshi.registry import open_component
from deshi.stages.dataset import training
from deshi.stages.predict import in_canonical_form, load_fitted
from deshi.workspace.manifest import ValidateFigures
from deshi.workspace.store import write_json

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.workspace.job import Job

DOCUMENTS = "documents.json"


def validate(job: Job[ValidateParams]) -> ValidateFigures:
    """Write `documents.json`: the mean of the primary metric over the texts of each document.

    A text on which the metric is undefined is left out.
    """
    _, valid = training(job.inputs["label"])
    with open_component(load_fitted(job)) as student:
        predictions = [in_canonical_form(prediction) for prediction in student.predict(valid.texts)]
    metric: Metric = job.component(job.params.metric)
    counts = metric.statistics(predictions, valid.expected, Alphabet.full())
    rows = csr_array(counts).toarray()
    values = metric.value(rows, np.ones(len(rows)))
    documents: dict[str, list[float]] = defaultdict(list)
    for text, value in zip(valid.texts, values.tolist(), strict=True):
        if np.isfinite(value):
            documents[text.document].append(value)
    write_json(job.out / DOCUMENTS, {name: fmean(found) for name, found in documents.items()})
    return ValidateFigures(texts=len(valid.texts), documents=len(documents))


def read_validation(folder: Path) -> dict[str, float]:
    """Read the value of each validation document."""
    found: dict[str, float] = json.loads((folder / DOCUMENTS).read_text(encoding="utf-8"))
    return found
