"""Readiness of what has to be done: a key, an extra or a device is required only where it is used.

A stage that is there already needs nothing, and a teacher whose every answer is in the ledger needs no
key. All that a run does need is looked at before its first stage, so before the first paid call.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deshi.api import NotReadyError
from deshi.benchmark.planner import make_plan
from deshi.engine.calls_ahead import CallsAhead
from deshi.engine.scheduler import missing_stages

if TYPE_CHECKING:
    from deshi.benchmark.axes import Cell
    from deshi.benchmark.part import Part
    from deshi.benchmark.plan import Plan, PlannedRow, Stage
    from deshi.engine.prepared import Prepared

_ASKS = ("label", "answer")


def ready_plan(prepared: Prepared, *, skip: bool) -> Plan:
    """Return the plan with what is not ready as n/a: baselines, and with `skip` every row."""
    lacks = Lacks(prepared)
    cells: list[Cell] = []
    for row in prepared.plan.rows:
        reason = lacks.of_row(row)
        if reason and not (skip or row.cell.baseline):
            raise NotReadyError(
                reason,
                where="not ready",
                fix="fix it, or run with --skip-not-ready to leave it out",
            )
        cells.append(replace(row.cell, reason=reason) if reason else row.cell)
    if all(cell is row.cell for cell, row in zip(cells, prepared.plan.rows, strict=True)):
        return prepared.plan
    return make_plan(prepared.benchmark, prepared.parts, cells)


class Lacks:
    """What the stages that will run lack, each looked at once."""

    def __init__(self, prepared: Prepared) -> None:
        self._ahead = CallsAhead(prepared)
        self._registry = prepared.registry
        self._stages = prepared.plan.stages
        self._absent = missing_stages(self._stages, prepared.workspace.store)
        self._of_stage: dict[str, str] = {}
        self._of_part: dict[int, str] = {}
        self._of_entry: dict[tuple[str, str], list[str]] = {}

    def of_row(self, row: PlannedRow) -> str:
        """Return the first thing that a row's missing stages lack; nothing if it can run."""
        if not row.runs:
            return ""
        wanted = [row.label, row.evaluation, *(a for run in row.runs for a in run.stages)]
        return next((reason for address in wanted if (reason := self._reason(address))), "")

    def _reason(self, address: str) -> str:
        """Return what a stage lacks that has to run, or one that it waits for."""
        if address not in self._absent:
            return ""
        if address not in self._of_stage:
            stage = self._stages[address]
            before = (self._reason(source) for source in stage.inputs.values())
            self._of_stage[address] = next((r for r in before if r), "") or self._lacks_of_stage(
                stage
            )
        return self._of_stage[address]

    def _lacks_of_stage(self, stage: Stage) -> str:
        for part in stage.params.parts():
            if id(part) not in self._of_part:
                self._of_part[id(part)] = self._lacks(part)
            reason = self._of_part[id(part)]
            if not reason:
                continue
            if part.kind == "metric":  # every row needs it
                raise NotReadyError(reason, where="not ready", fix="fix it, or name other metrics")
            if part.kind == "teacher" and stage.name in _ASKS and not self._asks(stage):
                continue
            return reason
        return ""

    def _asks(self, stage: Stage) -> bool:
        """Say whether a stage would ask a teacher for anything that the ledger does not hold."""
        return not all(calls.is_paid for calls in self._ahead.of(stage))

    def _lacks(self, part: Part) -> str:
        """Return what a component lacks, or one that it combines."""
        reasons = self._reasons(part)
        reasons = reasons or [r for one in part.members.values() if (r := self._lacks(one))]
        return f"{part.kind} '{part.label}': {'; '.join(reasons)}" if reasons else ""

    def _reasons(self, part: Part) -> list[str]:
        """Return what a component lacks by itself; for most that does not depend on parameters."""
        key = (part.kind, part.entry)
        if key in self._of_entry:
            return self._of_entry[key]
        entry = self._registry.entry(*key)
        reasons = self._registry.lacks(entry, part.params)
        if part.kind != "teacher" and self._registry.offer(entry).spec.needs.check is None:
            self._of_entry[key] = reasons
        return reasons
