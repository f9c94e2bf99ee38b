"""What a stage takes of the machine while it runs."""

from __future__ import annotations

from deshi.api import Resources
from deshi.benchmark.part import Part
from deshi.benchmark.stage_params import StageParams


def resources_of(params: StageParams, *, asks: bool) -> Resources:
    """Return what a stage takes: the most threads and the first device of its components.

    Filters and metrics in a row count for nothing: there are many of them, and they are light.
    """
    alone = [
        part for name in params.__struct_fields__ if isinstance(part := getattr(params, name), Part)
    ]
    settings = [one.env for part in alone for one in part.whole()]
    devices = [str(env["device"]) for env in settings if env.get("device", "cpu") != "cpu"]
    threads = max([1, *(int(env.get("threads", 1)) for env in settings)])
    return Resources(threads, devices[0] if devices else "cpu", driver=asks)
