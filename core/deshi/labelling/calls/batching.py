"""Send requests in batches, which a server answers within hours, often at half the price.

What is handed over is in the ledger first, with its reservation; the server's name of the batch is
noted before anyone polls it. After a kill between the two the server is asked whether it has it.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from deshi.api import AttemptError, ComponentError, NotReadyError, Reply, Request
from deshi.labelling.calls.queue import QueuedRequest
from deshi.labelling.calls.retry_policy import COUNTED, MAY_BE_PAID, decide
from deshi.labelling.calls.runner import (
    Runner,
    budget_error,
    component_error,
    error_reply,
)
from deshi.labelling.ledger import BudgetFull, Ending
from deshi.labelling.ledger.transitions import (
    OpenBatch,
    ingest,
    lose_batch,
    name_batch,
    names_of_batches,
    open_batch,
    open_batches,
)

T = TypeVar("T")
Queued: TypeAlias = Mapping[str, QueuedRequest]
Results: TypeAlias = Mapping[str, Reply | AttemptError]


class BatchRunner:
    """Hands over batches and collects what comes of them, those of an earlier session first."""

    def __init__(self, runner: Runner) -> None:
        tariff = replace(runner.context.tariff, in_batch=True)
        self._context = replace(runner.context, tariff=tariff)
        self._teacher: Any = runner.context.teacher
        self._runner = runner
        self._stops = runner.stops
        self._replies: dict[str, Reply] = {}

    async def ask(self, requests: Mapping[str, Request]) -> dict[str, Reply]:
        """Ask requests by key; return the replies, or raise what `Runner.ask` raises.

        One goes alone first: it shows what is wrong.
        """
        queued = {key: QueuedRequest(key, request) for key, request in requests.items()}
        self._stops.begin()
        await self._collect(queued, await self._earlier_batches(queued))
        self._stops.raise_if_stopped()
        left = {key: item.request for key, item in queued.items() if key not in self._replies}
        if not self._context.limits.batch:
            return self._replies | (await self._runner.ask(left) if left else {})
        if left and not self._replies:
            first = next(iter(left))
            self._replies |= await self._runner.ask({first: left[first]})
        while not self._stops and len(self._replies) < len(queued):
            await self._collect(queued, await self._hand_over(queued))
        self._stops.raise_if_stopped()
        return self._replies

    async def _earlier_batches(self, queued: Queued) -> list[OpenBatch]:
        """Return the batches of earlier sessions that hold some of these, each with its name."""
        batches = []
        for batch in await self._context.ledger.operate(open_batches, self._context.row):
            if queued.keys() & batch.reserved.keys():
                named = batch if batch.server_id else await self._find_at_server(batch)
                batches += [named] if named else []
        return batches

    async def _find_at_server(self, batch: OpenBatch) -> OpenBatch | None:
        """Ask the server whether it has a batch that nobody noted; without it the batch is lost."""
        taken = await self._context.ledger.operate(names_of_batches)
        server_id = await self._retry(
            lambda: self._teacher.find(batch.requests, batch.tag, batch.created, taken)
        )
        if self._stops:
            return None
        if server_id is not None:
            return await self._store_server_id(batch, server_id)
        await self._context.ledger.operate(lose_batch, batch)
        return None

    async def _store_server_id(self, batch: OpenBatch, server_id: str) -> OpenBatch:
        await self._context.ledger.operate(name_batch, batch.tag, server_id)
        return replace(batch, server_id=server_id)

    async def _hand_over(self, queued: Queued) -> list[OpenBatch]:
        """Hand over all that is left, in portions, each written down with its reservations first.

        Return the batches that arrived; what has no room waits until some comes back.
        """
        context = self._context
        left = [item for key, item in queued.items() if key not in self._replies]
        batches: list[OpenBatch] = []
        while left and not self._stops:
            portion = left[: context.limits.batch_size]
            items = [(one.key, one.request, context.tariff.worst(one.request)) for one in portion]
            try:
                batch = await context.ledger.operate(
                    open_batch, context.payer, context.row, uuid.uuid4().hex, items
                )
            except BudgetFull as full:
                if not batches:
                    self._stops.set(budget_error(full, context.payer.entry))
                break
            left = left[len(batch.reserved) :]
            submitted = await self._submit(batch)
            batches += [submitted] if submitted else []
        return batches

    async def _submit(self, batch: OpenBatch) -> OpenBatch | None:
        """Hand a batch over and note its name; None if it did not arrive."""
        try:
            server_id = await self._teacher.submit(batch.requests, batch.tag)
        except AttemptError as error:
            return await self._failed_submit(batch, error)
        except Exception as error:  # noqa: BLE001  (a teacher may raise anything)
            self._stops.set(component_error(error, self._context.label, self._context.mask))
            return None
        return await self._store_server_id(batch, server_id)

    async def _failed_submit(self, batch: OpenBatch, error: AttemptError) -> OpenBatch | None:
        """Handle a batch that did not arrive, or is not known to have; it counts as given up."""
        if error.outcome in MAY_BE_PAID:
            found = await self._find_at_server(batch)
            if found is not None or self._stops:
                return found
        else:
            await self._context.ledger.operate(lose_batch, batch)
        note = self._context.note(error)
        if error.outcome == "rejected":
            what = f"the batch was rejected: {note}"
            self._stops.set(ComponentError(what, where=f"teacher '{self._context.label}'"))
        self._stops.note_failure(error, note, given_up=True)
        pause = decide(error, 0, 1, self._context.random).pause
        await self._context.clock.wait(self._runner.changed, pause, 1)
        return None

    async def _retry(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Return the result of a free call, with retries; None if they fail."""
        counted = tries = 0
        while not self._stops:
            tries += 1
            try:
                return await call()
            except AttemptError as error:
                counted += error.outcome in COUNTED
                decision = decide(error, counted, tries, self._context.random)
                note = self._context.note(error)
                self._stops.note_failure(error, note, given_up=False)
                if decision.after == "failed":
                    where = f"teacher '{self._context.label}'"
                    self._stops.set(NotReadyError(f"{error.outcome}: {note}", where=where))
                await self._context.clock.wait(self._runner.changed, decision.pause, 1)
            except Exception as error:  # noqa: BLE001  (a teacher may raise anything)
                self._stops.set(component_error(error, self._context.label, self._context.mask))
        return None

    async def _collect(self, queued: Queued, batches: list[OpenBatch]) -> None:
        """Poll batches until all are finished, booking each as it is."""
        clock = self._context.clock
        while batches and not self._stops:
            for batch in tuple(batches):
                collect = functools.partial(self._collect_one, batch)
                results: Results | None = await self._retry(collect)
                if results is not None:
                    batches.remove(batch)
                    await self._book(queued, batch, results)
            if batches and not self._stops:
                await clock.wait(self._runner.changed, self._context.limits.poll, 1)

    async def _collect_one(self, batch: OpenBatch) -> Results | None:
        """Return what came of a batch; one that failed as a whole was answered, and billed, nowhere."""
        try:
            results: Results | None = await self._teacher.collect(batch.server_id)
        except AttemptError as error:
            if error.outcome != "rejected":
                raise
            await self._context.ledger.operate(lose_batch, batch)
            what = f"the batch failed: {self._context.note(error)}"
            fix = (
                "run again: its requests are sent anew, one by one with batch = false in its limits"
            )
            self._stops.set(ComponentError(what, where=f"teacher '{self._context.label}'", fix=fix))
            return None
        return results

    async def _book(self, queued: Queued, batch: OpenBatch, results: Results) -> None:
        """Book how each request ended; one that is missing has expired and cost nothing."""
        context = self._context
        missing = AttemptError("not among the results of its batch", outcome="server")
        endings: dict[str, Ending] = {}
        for key, worst in batch.reserved.items():
            # What an earlier session left empty is not asked again.
            item = queued.get(key) or QueuedRequest(key, batch.requests[key], empty=1)
            endings[key] = self._ending(item, results.get(key, missing), worst)
        await context.ledger.operate(ingest, batch, endings)
        is_capped = context.ledger.is_capped(context.payer)
        for key, ending in endings.items():
            self._stops.note_cost(ending.cost, batch.reserved[key], is_capped=is_capped)
            if key not in queued:
                continue
            answer = results.get(key)
            if ending.state == "done" and isinstance(answer, Reply):
                self._replies[key] = replace(answer, content=context.mask(answer.content))
                self._stops.note_answer()
                context.on_answer()
            elif ending.state == "failed":
                self._replies[key] = error_reply(ending.outcome, ending.note)
            if isinstance(answer, AttemptError):
                self._stops.note_failure(answer, ending.note, given_up=ending.state == "failed")

    def _ending(self, item: QueuedRequest, answer: Reply | AttemptError, worst: int) -> Ending:
        """Return how a request of a batch ended; one that failed in it is not billed."""
        if isinstance(answer, Reply):
            again = answer.finish == "empty" and not item.empty
            item.empty += again
            return self._context.reply_ending(answer, worst, again=again)
        item.counted += answer.outcome not in ("throttled", "overloaded")
        after = decide(answer, item.counted, 1, self._context.random).after
        return self._context.error_ending(answer, failed=after == "failed")
