"""What a plan would ask of teachers and cost at most, with what is already paid taken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deshi.api import DeshiError, Request, Task
from deshi.engine.calls_ahead import LONGEST, Calls, CallsAhead, UnseenCalls
from deshi.labelling.calls.limits import Limits, Tariff
from deshi.workspace.job import Job

if TYPE_CHECKING:
    from deshi.benchmark.part import TeacherPart
    from deshi.benchmark.plan import Stage
    from deshi.engine.prepared import Prepared


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What a stage would ask: calls at most, those already paid, and the worst cost in nano-USD.

    `nano` is None where a teacher cannot say it here.
    """

    calls: int = 0
    paid: int = 0
    nano: int | None = 0

    def __add__(self, other: CostEstimate) -> CostEstimate:
        known = self.nano is not None and other.nano is not None
        nano = (self.nano or 0) + (other.nano or 0) if known else None
        return CostEstimate(self.calls + other.calls, self.paid + other.paid, nano)


class CostEstimator:
    """Quotes the stages of a plan one by one; what two of them would ask counts for the first."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._ahead = CallsAhead(prepared)
        self._seen: set[Any] = set()

    def quote(self, stage: Stage) -> CostEstimate:
        """Quote a stage that has to run."""
        return sum(map(self._quoted, self._ahead.of(stage)), CostEstimate())

    def _quoted(self, calls: Calls | UnseenCalls) -> CostEstimate:
        return self._known(calls) if isinstance(calls, Calls) else self._unseen(calls)

    def _unseen(self, calls: UnseenCalls) -> CostEstimate:
        """Quote calls whose texts are not known yet."""
        part = calls.part
        mark = (str(part.identity), str(part.prompt), calls.task, calls.of)
        if mark in self._seen:
            return CostEstimate()
        self._seen.add(mark)
        worst = self._worst(part)
        most = worst(_longest(part, calls.task)) if worst else None
        return CostEstimate(calls.count, 0, None if most is None else most * calls.count)

    def _known(self, calls: Calls) -> CostEstimate:
        todo: dict[str, Request] = {}
        paid: set[str] = set()
        for request, key, reply in zip(calls.requests, calls.keys, calls.replies, strict=True):
            if key in self._seen:
                continue
            if reply is None:
                todo[key] = request
            else:
                paid.add(key)
        self._seen |= {*todo, *paid}
        worst = self._worst(calls.part)
        costs = [worst(request) if worst else None for request in todo.values()]
        known = [cost for cost in costs if cost is not None]
        nano = sum(known) if len(known) == len(costs) else None
        return CostEstimate(len(todo) + len(paid), len(paid), nano)

    def _worst(self, part: TeacherPart) -> Any:  # noqa: ANN401
        """Return the function that gives a request's worst case; None where nobody can tell."""
        if "estimates-cost" not in part.capabilities:
            return lambda _request: 0
        job = Job(None, {}, Path(), Path(), self._prepared.workspace.root, self._prepared.registry)
        in_batch = Limits.of(part.limits).batch and "batches" in part.capabilities
        try:
            tariff = replace(Tariff(job.component(part), is_paid=True), in_batch=in_batch)
            tariff.worst(_longest(part, "label"))
        except DeshiError:
            return None
        return tariff.worst


def by_row(
    prepared: Prepared, quotes: Mapping[str, CostEstimate]
) -> Iterator[tuple[str, CostEstimate, list[str]]]:
    """Yield what each row needs: its id, the sum over its stages, and the stages that others share."""
    rows = [row for row in prepared.plan.rows if row.runs]
    needs = {
        row.id: {row.label, row.evaluation, *(a for run in row.runs for a in run.stages)}
        for row in rows
    }
    for row in rows:
        own = [address for address in needs[row.id] if quotes.get(address, CostEstimate()).calls]
        total = sum((quotes[address] for address in own), CostEstimate())
        shared = [a for a in own if sum(a in others for others in needs.values()) > 1]
        if own:
            yield row.id, total, shared


def _longest(part: TeacherPart, task: Task) -> Request:
    return Request(task=task, text=LONGEST, prompt=part.prompt)
