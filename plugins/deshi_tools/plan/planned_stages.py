"""The stages of a plan, and which of them are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deshi.engine.run import compare_stage
from deshi.engine.scheduler import missing_stages
from deshi.workspace.manifest import Finished

if TYPE_CHECKING:
    from deshi.benchmark.plan import Stage
    from deshi.engine.prepared import Prepared


def planned_stages(prepared: Prepared) -> Sequence[tuple[Stage, bool]]:
    """Return all stages, the comparison last, each with whether its artefact is there."""
    plan, store = prepared.plan, prepared.workspace.store
    absent = missing_stages(plan.stages, store)
    stages = [(stage, address not in absent) for address, stage in plan.stages.items()]
    hopeful = {
        address: Finished(
            address, "found", manifest=None if address in absent else store.manifest(address)
        )
        for address in plan.stages
    }
    comparing = compare_stage(plan, hopeful)
    if comparing is not None:
        stages.append((comparing, store.has(comparing.address)))
    return stages
