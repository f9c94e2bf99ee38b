"""Results to Weights & Biases: a run for each row, those of one deshi run in one group.

Nothing leaves the machine unless WANDB_MODE is set: without it runs stay offline, under WANDB_DIR,
and `wandb sync` sends them. WANDB_PROJECT names the project.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import wandb

from deshi_plugins.trackers.tracked_rows import PROJECT, tracked_rows

if TYPE_CHECKING:
    from deshi.api import Json


def track(results: Mapping[str, Json]) -> None:
    """Send a run's results."""
    for row in tracked_rows(results):
        run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            mode=None if "WANDB_MODE" in os.environ else "offline",
            group=results["run"],
            name=row.name,
            config=dict(row.settings),
            reinit="create_new",
            settings=wandb.Settings(silent=True, console="off"),
        )
        run.summary.update(row.numbers)
        run.finish(exit_code=1 if row.settings["status"] == "failed" else 0)
