"""Results to trackio: a run for each row, those of one deshi run in one group.

They are kept on this machine, under TRACKIO_DIR; trackio's own variables can name a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import trackio

from deshi_plugins.trackers.tracked_rows import PROJECT, tracked_rows

if TYPE_CHECKING:
    from deshi.api import Json


def track(results: Mapping[str, Json]) -> None:
    """Send a run's results."""
    for row in tracked_rows(results):
        trackio.init(
            project=PROJECT,
            group=results["run"],
            name=f"{results['run']}: {row.name}",
            config=dict(row.settings),
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )
        trackio.log(dict(row.numbers))
        # Not `finish` of the run: that leaves it current, to be finished again, aloud, at exit.
        trackio.finish()
