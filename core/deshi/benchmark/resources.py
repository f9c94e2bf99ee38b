"""What a stage takes of the machine while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deshi.api import Json


@dataclass(frozen=True, order=True)
class Resources:
    """What a stage takes of the machine while it runs.

    A device other than the CPU is for one stage at a time. `driver` stages ask teachers and stay in
    the process that has the ledger.
    """

    threads: int = 1
    device: str = "cpu"
    driver: bool = False


def resources_of(params: Mapping[str, Json], *, asks: bool) -> Resources:
    """Return what a stage takes: the most threads and the first device of its components."""
    settings = [env for part in params.values() if isinstance(part, dict) for env in _envs(part)]
    devices = [str(env["device"]) for env in settings if env.get("device", "cpu") != "cpu"]
    threads = max([1, *(int(env.get("threads", 1)) for env in settings)])
    return Resources(threads, devices[0] if devices else "cpu", driver=asks)


def _envs(part: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Yield the machine settings of a part of a plan and of what it combines."""
    yield part.get("env", {})
    for member in part.get("members", {}).values():
        yield from _envs(member)
