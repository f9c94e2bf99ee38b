"""Ask a teacher in batches, which a server answers within hours, often at half the price.

What is handed over is in the ledger first, with its reservation; the server's name of the batch is
noted before anyone polls it. After a kill between the two the server is asked whether it has it.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from deshi.api import AttemptError, ComponentError, NotReadyError, Reply, Request
from deshi.labelling.calls.queue import Asked
from deshi.labelling.calls.retry_policy import COUNTED, MAY_BE_PAID, decide
from deshi.labelling.calls.runner import NOTE, Desk, Runner, given_up, raised, reached
from deshi.labelling.ledger import BudgetFull, Ending
from deshi.labelling.ledger.batch_records import (
    OpenBatch,
    ingest,
    lose_batch,
    name_batch,
    names_of_batches,
    open_batch,
    open_batches,
)
from deshi.labelling.ledger.ledger import raw

T = TypeVar("T")


class Batching:
    """Hands over batches and collects what comes of them, those of an earlier session first."""

    def __init__(self, desk: Desk, runner: Runner) -> None:
        self._desk = replace(desk, tariff=replace(desk.tariff, in_batch=True))
        self._teacher: Any = desk.teacher
        self._runner = runner
        self._stops = runner.stops
        self._replies: dict[str, Reply] = {}

    async def ask(self, requests: Mapping[str, Request]) -> dict[str, Reply]:
        """Ask requests by key; return the replies. One goes alone first: it shows what is wrong.

        Raises:
            BudgetReached, NotReadyError, ComponentError, Interrupted: as `Runner.ask`.
        """
        asked = {key: Asked(key, request) for key, request in requests.items()}
        self._stops.begin()
        await self._collect(asked, await self._earlier(asked))
        self._stops.raise_if_stopped()
        left = {key: one.request for key, one in asked.items() if key not in self._replies}
        if not self._desk.limits.batch:
            return self._replies | (await self._runner.ask(left) if left else {})
        if left and not self._replies:
            first = next(iter(left))
            self._replies |= await self._runner.ask({first: left[first]})
        while not self._stops and len(self._replies) < len(asked):
            await self._collect(asked, await self._hand_over(asked))
        self._stops.raise_if_stopped()
        return self._replies

    async def _earlier(self, asked: Mapping[str, Asked]) -> list[OpenBatch]:
        """Return the batches of earlier sessions that hold some of these, each with its name."""
        ledger, row = self._desk.ledger, self._desk.row
        found = await ledger.operate(lambda db: open_batches(db, row))
        batches = []
        for batch in found:
            if not any(key in asked for key in batch.keys):
                continue
            named = batch if batch.server_id else await self._looked_for(batch)
            batches += [named] if named else []
        return batches

    async def _looked_for(self, batch: OpenBatch) -> OpenBatch | None:
        """Ask the server whether it has a batch that nobody noted; without it the batch is lost."""
        taken = await self._desk.ledger.operate(names_of_batches)
        server_id = await self._insist(
            lambda: self._teacher.find(batch.requests, batch.tag, batch.created, taken)
        )
        if self._stops:
            return None
        if server_id is None:
            await self._desk.ledger.operate(lambda db: lose_batch(db, batch))
            return None
        return await self._named(batch, server_id)

    async def _named(self, batch: OpenBatch, server_id: str) -> OpenBatch:
        await self._desk.ledger.operate(lambda db: name_batch(db, batch.tag, server_id))
        return replace(batch, server_id=server_id)

    async def _hand_over(self, asked: Mapping[str, Asked]) -> list[OpenBatch]:
        """Hand over all that is left, in portions; return the batches that arrived."""
        left = [one for key, one in asked.items() if key not in self._replies]
        batches: list[OpenBatch] = []
        while left and not self._stops:
            batch = await self._opened(left[: self._desk.limits.batch_size], bool(batches))
            if batch is None:
                break
            left = left[len(batch.keys) :]
            submitted = await self._submitted(batch)
            batches += [submitted] if submitted else []
        return batches

    async def _opened(self, portion: list[Asked], is_more: bool) -> OpenBatch | None:  # noqa: FBT001
        """Write a batch down, with its reservations; None if there is no room, until some come back."""
        desk = self._desk
        tag = uuid.uuid4().hex
        try:
            items = [(one.key, one.request, desk.tariff.worst(one.request)) for one in portion]
            return await desk.ledger.operate(
                lambda db: open_batch(db, desk.payer, desk.row, tag, items)
            )
        except BudgetFull as full:
            if not is_more:
                self._stops.set(reached(full, desk.payer.entry))
            return None

    async def _submitted(self, batch: OpenBatch) -> OpenBatch | None:
        """Hand a batch over and note its name; None if it did not arrive."""
        try:
            server_id = await self._teacher.submit(batch.requests, batch.tag)
        except AttemptError as error:
            return await self._not_submitted(batch, error)
        except Exception as error:  # noqa: BLE001  (a teacher may raise anything)
            self._stops.set(raised(error, self._desk.label, self._desk.mask))
            return None
        return await self._named(batch, server_id)

    async def _not_submitted(self, batch: OpenBatch, error: AttemptError) -> OpenBatch | None:
        """Take up that a batch did not arrive, or is not known to have; it counts as given up."""
        if error.outcome in MAY_BE_PAID:
            found = await self._looked_for(batch)
            if found is not None or self._stops:
                return found
        else:
            await self._desk.ledger.operate(lambda db: lose_batch(db, batch))
        note = self._desk.mask(error.what)[:NOTE]
        if error.outcome == "rejected":
            what = f"the batch was rejected: {note}"
            self._stops.set(ComponentError(what, where=f"teacher '{self._desk.label}'"))
        self._stops.unanswered(error, note, given_up=True)
        pause = decide(error, 0, 1, self._desk.chance).pause
        await self._desk.clock.wait(self._runner.changed, pause, 1)
        return None

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Return what a free call gives, asked again where it fails; None if that is in vain."""
        counted = tries = 0
        while not self._stops:
            tries += 1
            try:
                return await call()
            except AttemptError as error:
                counted += error.outcome in COUNTED
                decision = decide(error, counted, tries, self._desk.chance)
                note = self._desk.mask(error.what)[:NOTE]
                self._stops.unanswered(error, note, given_up=False)
                if decision.after == "failed":
                    where = f"teacher '{self._desk.label}'"
                    self._stops.set(NotReadyError(f"{error.outcome}: {note}", where=where))
                await self._desk.clock.wait(self._runner.changed, decision.pause, 1)
            except Exception as error:  # noqa: BLE001  (a teacher may raise anything)
                self._stops.set(raised(error, self._desk.label, self._desk.mask))
        return None

    async def _collect(self, asked: Mapping[str, Asked], batches: list[OpenBatch]) -> None:
        """Poll batches until all are finished, booking each as it is."""
        clock = self._desk.clock
        while batches and not self._stops:
            for batch in tuple(batches):
                collect = functools.partial(self._collected, batch)
                came: Mapping[str, Reply | AttemptError] | None = await self._insist(collect)
                if came is not None:
                    batches.remove(batch)
                    await self._book(asked, batch, came)
            if batches and not self._stops:
                await clock.wait(self._runner.changed, self._desk.limits.poll, 1)

    async def _collected(self, batch: OpenBatch) -> Mapping[str, Reply | AttemptError] | None:
        """Return what came of a batch; one that failed as a whole was answered, and billed, nowhere."""
        came: Mapping[str, Reply | AttemptError] | None
        try:
            came = await self._teacher.collect(batch.server_id)
        except AttemptError as error:
            if error.outcome != "rejected":
                raise
            await self._desk.ledger.operate(lambda db: lose_batch(db, batch))
            what = f"the batch failed: {self._desk.mask(error.what)[:NOTE]}"
            fix = (
                "run again: its requests are sent anew, one by one with batch = false in its limits"
            )
            self._stops.set(ComponentError(what, where=f"teacher '{self._desk.label}'", fix=fix))
            return None
        return came

    async def _book(
        self,
        asked: Mapping[str, Asked],
        batch: OpenBatch,
        came: Mapping[str, Reply | AttemptError],
    ) -> None:
        endings = dict(self._endings(asked, batch, came))
        await self._desk.ledger.operate(lambda db: ingest(db, batch, endings))
        is_capped = self._desk.ledger.is_capped(self._desk.payer)
        for key, ending in endings.items():
            if ending.cost > batch.reserved[key]:
                self._stops.exceeded(ending.cost, batch.reserved[key], is_capped=is_capped)
            if key not in asked:
                continue
            answer = came.get(key)
            if ending.state == "done" and isinstance(answer, Reply):
                content = self._desk.mask(answer.content)
                self._replies[key] = replace(answer, content=content)
                self._stops.succeeded()
                self._desk.answered()
            elif ending.state == "failed":
                self._replies[key] = given_up(ending.outcome, ending.note)
            if isinstance(answer, AttemptError):
                self._stops.unanswered(answer, ending.note, given_up=ending.state == "failed")

    def _endings(
        self,
        asked: Mapping[str, Asked],
        batch: OpenBatch,
        came: Mapping[str, Reply | AttemptError],
    ) -> Iterator[tuple[str, Ending]]:
        """Yield how each request of a batch ended; one that is missing has expired and cost nothing."""
        missing = AttemptError("not among the results of its batch", outcome="server")
        for key in batch.keys:
            one = asked.get(key)
            answer = came.get(key, missing)
            yield (
                key,
                self._answered(one, answer, batch.reserved[key])
                if isinstance(answer, Reply)
                else self._unanswered(one, answer),
            )

    def _answered(self, one: Asked | None, reply: Reply, worst: int) -> Ending:
        cost, source = self._desk.tariff.cost(reply, worst)
        again = reply.finish == "empty" and one is not None and not one.empty
        if one is not None:
            one.empty += again
        return Ending(
            outcome="ok" if reply.finish == "stop" else reply.finish,
            state="pending" if again else "done",
            cost=cost,
            source=source,
            reply=self._desk.mask(raw(reply)),
            model=reply.model,
            usage=reply.usage,
        )

    def _unanswered(self, one: Asked | None, error: AttemptError) -> Ending:
        """An item that failed inside a batch is not billed."""
        counted = 0
        if one is not None:
            one.tries += 1
            one.counted += error.outcome not in ("throttled", "overloaded")
            counted = one.counted
        after = decide(error, counted, 1, self._desk.chance).after
        return Ending(
            outcome=error.outcome,
            state="failed" if after == "failed" else "pending",
            status=error.status,
            code=self._desk.mask(error.code),
            note=self._desk.mask(error.what)[:NOTE],
        )
