"""The results of a run that was never made: a few rows with scores, letters and tests as given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deshi.results import Results

ROWS = {"good": 0.3, "fair": 0.2, "constant": 0.1}
BASELINES = ("constant", "knn", "shuffled")


def value(at: float) -> dict[str, Any]:
    return {"value": at, "low": at - 0.02, "high": at + 0.02, "question": "retrained-models"}


def row(name: str, at: float, letters: str | None, *, p: float) -> dict[str, Any]:
    return {
        "id": name,
        "cell": {
            **dict.fromkeys(("corpus", "chain", "rewriter", "gold", "loss"), None),
            "teacher": "t",
            "student": name,
        },
        "group": "g",
        "gold": "t",
        "baseline": name in BASELINES,
        "status": "ok",
        "n_train": 100,
        "n_test": 50,
        "n_documents": 10,
        "seeds": 5,
        "metrics": {"jaccard": value(at)},
        "tie_group": letters,
        "input_dependence": {"value": 0.1, "p": p},
    }


def pair(a: str, b: str, difference: float, p: float | None) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "metric": "jaccard",
        "question": "retrained-models",
        "difference": difference,
        "low": difference - 0.01,
        "high": difference + 0.01,
        "p": p,
        "p_holm": p,
        "smallest_detectable": 0.03,
        "method": "",
        "reason": "" if p is not None else "it needs 4 seeds",
    }


def results(
    letters: Mapping[str, str | None],
    p: float | None = 0.001,
    *,
    scores: Mapping[str, float] = ROWS,
    direction: str = "higher",
    blind: tuple[str, ...] = (),
    rows: Mapping[str, Mapping[str, Any]] | None = None,
    pairs: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
    **more: Any,
) -> Results:
    """Return a run of some rows; all its pairs have the same p. `rows` and `pairs` change some of it."""
    sign = -1 if direction == "lower" else 1
    order = sorted(scores, key=lambda name: (name in BASELINES, -sign * scores[name]))
    tested = [(a, b) for at, a in enumerate(order) for b in order[at + 1 :]]
    metric = {"name": "jaccard", "direction": direction, "bounds": [0, 1]}
    made = [
        row(name, scores[name], letters[name], p=1.0 if name in blind else 0.001)
        | dict((rows or {}).get(name, {}))
        for name in order
    ]
    found = {
        "schema": 2,
        "run": "r",
        "benchmark": {"resamples": 100, "seeds": 5},
        "matrix": {},
        "rows": made,
        "metrics": [{**metric, "signature": "", "summary": ""}],
        "data": [],
        "groups": {},
        "provenance": {},
        "comparisons": [
            pair(a, b, scores[a] - scores[b], p) | dict((pairs or {}).get((a, b), {}))
            for a, b in tested
        ],
    }
    return Results.from_json(found | more)
