"""Results to MLflow: a run for the deshi run, and under it one for each row.

MLflow's own variables set the target: MLFLOW_TRACKING_URI, and MLFLOW_EXPERIMENT_NAME the experiment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from deshi_plugins.trackers.tracked_rows import PROJECT, TrackedRow, tracked_rows

if TYPE_CHECKING:
    from deshi.api import Json

_PARENT = "mlflow.parentRunId"


def track(results: Mapping[str, Json]) -> None:
    """Send a run's results, with results.json as an artefact."""
    client = MlflowClient()
    experiment = _experiment(client, os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT))
    parent = client.create_run(experiment, run_name=results["run"]).info.run_id
    client.log_dict(parent, dict(results), "results.json")
    for row in tracked_rows(results):
        _track_row(client, experiment, parent, row)
    client.set_terminated(parent)


def _track_row(client: MlflowClient, experiment: str, parent: str, row: TrackedRow) -> None:
    run = client.create_run(experiment, run_name=row.name, tags={_PARENT: parent}).info.run_id
    now = int(time.time() * 1000)
    client.log_batch(
        run,
        metrics=[Metric(name, value, now, 0) for name, value in row.numbers.items()],
        params=[Param(name, str(value)) for name, value in row.settings.items()],
    )
    client.set_terminated(run, "FAILED" if row.settings["status"] == "failed" else "FINISHED")


def _experiment(client: MlflowClient, name: str) -> str:
    experiment = client.get_experiment_by_name(name)
    return str(experiment.experiment_id if experiment else client.create_experiment(name))
