"""Sends a run's results to the trackers in the variable DESHI_TRACKERS."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from deshi.api import ComponentError, NotReadyError, UsageError, install_command, nearest

if TYPE_CHECKING:
    from deshi.api import Json

VARIABLE = "DESHI_TRACKERS"
TRACKERS: Mapping[str, str] = {
    name: f"deshi_plugins.trackers.{name}_tracker" for name in ("mlflow", "wandb", "trackio")
}
"""Each tracker with the module whose `track` sends results to it; imported on use."""


def send_to_trackers(results: Mapping[str, Json]) -> None:
    """Send a run's results to each tracker of DESHI_TRACKERS; one that fails stops no other.

    What the libraries print is dropped, so that JSON on stdout stays pure.

    Raises:
        ComponentError: a tracker is unknown, not installed, or failed.
    """
    failures = []
    for name in filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                _tracker(name)(results)
        except Exception as error:  # noqa: BLE001  (a library of others may raise anything)
            failures.append(f"{name}: {error}")
    if failures:
        raise ComponentError(
            "; ".join(failures), where=VARIABLE, fix="the same `deshi run` sends the results again"
        )


def _tracker(name: str) -> Callable[[Mapping[str, Json]], None]:
    if name not in TRACKERS:
        raise UsageError("there is no such tracker", fix=nearest(name, TRACKERS))
    try:
        module = import_module(TRACKERS[name])
    except ModuleNotFoundError as error:
        raise NotReadyError(
            f"{error.name} is not installed", fix=f"run `{install_command(name)}`"
        ) from error
    return cast("Callable[[Mapping[str, Json]], None]", module.track)
