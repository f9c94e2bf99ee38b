"""Send many requests to a teacher: bounded, paced, retried, each attempt in the ledger first."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

import anyio
from anyio.abc import TaskGroup

from deshi.api import AttemptError, BudgetReached, ComponentError, Reply, Request, Teacher
from deshi.labelling.calls.limits import Limits, Tariff
from deshi.labelling.calls.pacing import Concurrency, Pacer
from deshi.labelling.calls.queue import Clock, QueuedRequest, RequestQueue
from deshi.labelling.calls.retry_policy import COUNTED, MAY_BE_PAID, StopRules, decide
from deshi.labelling.ledger import BudgetFull, Ending, Ledger, Payer
from deshi.labelling.ledger.replies import raw
from deshi.labelling.ledger.transitions import CostSource, begin, end
from deshi.redaction import Mask

_START = 16
_NOTE = 500
DRAIN = 30.0
"""Seconds that requests in flight get to come in, once the run stops."""


@dataclass(kw_only=True)
class CallContext:
    """What calls to one teacher need: its settings, the ledger, and the account that pays."""

    teacher: Teacher
    label: str
    limits: Limits
    tariff: Tariff
    ledger: Ledger
    payer: Payer
    row: int
    mask: Mask = field(default_factory=Mask)
    clock: Clock = field(default_factory=Clock)
    random: Random = field(default_factory=Random)
    on_answer: Callable[[], None] = lambda: None

    def note(self, error: AttemptError) -> str:
        """Return what is kept of what a server says of a failure."""
        return self.mask(error.what)[:_NOTE]

    def reply_ending(self, reply: Reply, worst: int, *, again: bool, server_id: str = "") -> Ending:
        """Return how an attempt ended that was answered; `again` asks once more."""
        cost, source = self.tariff.cost(reply, worst)
        return Ending(
            outcome="ok" if reply.finish == "stop" else reply.finish,
            state="pending" if again else "done",
            cost=cost,
            source=source,
            reply=self.mask(raw(reply)),
            model=reply.model,
            usage=reply.usage,
            server_id=server_id,
        )

    def error_ending(self, error: AttemptError, *, failed: bool, cost: int = 0) -> Ending:
        """Return how an attempt ended that gave no answer."""
        return Ending(
            outcome=error.outcome,
            state="failed" if failed else "pending",
            cost=cost,
            source="worst-case" if cost else "none",
            status=error.status,
            code=self.mask(error.code),
            server_id=error.request_id,
            note=self.note(error),
            retry_after=error.retry_after,
        )


class Runner:
    """The runner of one teacher. Its pace and concurrency are kept from one `ask` to the next.

    `stops` is what stops it; `changed` is set when something happens, and is a new event each time.
    """

    def __init__(self, context: CallContext) -> None:
        now = context.clock.now()
        self.context = context
        self._pacer = Pacer(context.limits.per_minute, now)
        self._concurrency = Concurrency(_START, context.limits.concurrency, now)
        self.stops = StopRules(context.label, context.clock)
        self.changed = anyio.Event()

    async def ask(self, requests: Mapping[str, Request]) -> dict[str, Reply]:
        """Send requests by key; return the replies. A request that is given up has an `error` reply.

        Raises:
            BudgetReached: the next call might exceed a budget.
            NotReadyError: the teacher cannot be called any longer: key, credit, an outage.
            ComponentError: the teacher raised something else.
            Interrupted: the user asked to stop.
        """
        self._queue = RequestQueue(requests)
        self._replies: dict[str, Reply] = {}
        self._in_flight = 0
        self._waiting_for_budget = False
        self.changed = anyio.Event()
        self.stops.begin()
        async with anyio.create_task_group() as group:
            await self._dispatch(group)
            await self._drain(group)
        self.stops.raise_if_stopped()
        return self._replies

    def interrupt(self) -> None:
        """Stop: let what is in flight come in; called a second time, cancel it. Call it in the loop."""
        self.stops.interrupt()
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = anyio.Event()

    async def _dispatch(self, group: TaskGroup) -> None:
        """Send what may go, until all is answered or something stops the run."""
        context = self.context
        while (self._queue or self._in_flight) and not self.stops:
            now = context.clock.now()
            wait = self._queue.wait(now)
            if wait == 0.0:
                wait = self._seconds_until_free(now)
            if wait == 0.0:
                self._pacer.take(now)
                self._in_flight += 1
                group.start_soon(self._attempt, self._queue.ready.popleft())
                continue
            await context.clock.wait(self.changed, wait, self._in_flight)

    def _seconds_until_free(self, now: float) -> float | None:
        """Return the seconds until the next request may go; None if another has to end first."""
        if self._in_flight >= self._concurrency.limit:
            self._concurrency.note_limit_reached()
            return None
        return None if self._waiting_for_budget else self._pacer.wait(now)

    async def _drain(self, group: TaskGroup) -> None:
        """Wait for what is in flight, up to `DRAIN` seconds, or no longer after a second interrupt."""
        clock = self.context.clock
        deadline = clock.now() + DRAIN
        while self._in_flight and self.stops.interrupts < 2 and clock.now() < deadline:
            await clock.wait(self.changed, deadline - clock.now(), self._in_flight)
        if self._in_flight:
            group.cancel_scope.cancel()

    async def _attempt(self, queued: QueuedRequest) -> None:
        context = self.context
        try:
            queued.worst = context.tariff.worst(queued.request)
            with anyio.CancelScope(shield=True):  # it is known whether the attempt is in the books
                queued.attempt = await context.ledger.operate(
                    begin, context.payer, context.row, queued.key, queued.request, queued.worst
                )
            self.stops.note_sent()
            await self._try_once(queued)
        except BudgetFull as full:
            # What is in flight may give room back; if nothing is, the budget is reached.
            self._queue.ready.appendleft(queued)
            self._waiting_for_budget = self._in_flight > 1
            if not self._waiting_for_budget:
                self.stops.set(budget_error(full, context.payer.entry))
        except Exception as error:  # noqa: BLE001  (a teacher may raise anything; its locals stay out)
            self.stops.set(component_error(error, context.label, context.mask))
        finally:
            self._in_flight -= 1
            self._wake()

    async def _try_once(self, queued: QueuedRequest) -> None:
        """Make one attempt and record how it ended, whatever happens."""
        context, worst = self.context, queued.worst
        queued.tries += 1
        queued.began, queued.others = context.clock.now(), self._in_flight - 1
        try:
            with anyio.fail_after(context.limits.timeout):
                reply = await context.teacher.answer(queued.request)
        except AttemptError as error:
            await self._book_failure(queued, error)
        except TimeoutError:
            what = f"no answer in {context.limits.timeout:.0f} s"
            await self._book_failure(queued, AttemptError(what, outcome="timeout"))
        except BaseException:
            source: CostSource = "worst-case" if worst else "none"
            ending = Ending(outcome="unknown", state="pending", cost=worst, source=source)
            await self._end(queued, ending)
            raise
        else:
            await self._book_reply(queued, reply)
        self._waiting_for_budget = False

    async def _end(self, queued: QueuedRequest, ending: Ending) -> None:
        """Record how an attempt ended, even if the run is being cancelled."""
        context = self.context
        with anyio.CancelScope(shield=True):
            await context.ledger.operate(end, context.payer, queued.key, queued.attempt, ending)

    async def _book_reply(self, queued: QueuedRequest, reply: Reply) -> None:
        """Record an answer and update the pace; an empty answer is retried once."""
        context = self.context
        now = context.clock.now()
        seconds = now - queued.began
        again = reply.finish == "empty" and not queued.empty
        server_id = str(reply.meta.get("request-id", ""))
        ending = context.reply_ending(reply, queued.worst, again=again, server_id=server_id)
        await self._end(queued, ending)
        self._pacer.learn(reply.usage)
        self._pacer.update_from_headers(reply.limits, now, age=seconds, others=queued.others)
        self._concurrency.ended(now, throttled=False, seconds=seconds)
        self.stops.note_answer()
        is_capped = context.ledger.is_capped(context.payer)
        self.stops.note_cost(ending.cost, queued.worst, is_capped=is_capped)
        if again:
            queued.empty += 1
            self._queue.requeue(queued, now)
        else:
            self._replies[queued.key] = replace(reply, content=context.mask(reply.content))
            context.on_answer()

    async def _book_failure(self, queued: QueuedRequest, error: AttemptError) -> None:
        """Record a failed attempt; retry it or give it up."""
        now = self.context.clock.now()
        queued.counted += error.outcome in COUNTED
        decision = decide(error, queued.counted, queued.tries, self.context.random)
        failed = decision.after == "failed"
        is_throttled = error.outcome in ("throttled", "overloaded")
        cost = queued.worst if error.outcome in MAY_BE_PAID else 0
        ending = self.context.error_ending(error, failed=failed, cost=cost)
        await self._end(queued, ending)
        age = now - queued.began
        self._pacer.update_from_headers(
            error.limits, now, age=age, others=queued.others, throttled=is_throttled
        )
        self._concurrency.ended(now, throttled=is_throttled)
        if is_throttled and error.retry_after and self._concurrency.is_congested:
            self._pacer.hold(now + error.retry_after)
        self.stops.note_failure(error, ending.note, given_up=failed)
        if failed:
            self._replies[queued.key] = error_reply(error.outcome, ending.note)
        else:
            self._queue.requeue(queued, now + decision.pause)


def component_error(error: BaseException, label: str, mask: Mask) -> ComponentError:
    """Wrap an exception that a teacher raised, without locals, requests or secrets."""
    if isinstance(error, ComponentError):  # it says whose line it was
        what, where, fix = error.what, error.where or f"teacher '{label}'", error.fix
    else:
        what, where, fix = f"{type(error).__name__}: {error}", f"teacher '{label}'", ""
    found = ComponentError(mask(what), where=where, fix=mask(fix))
    found.add_note(mask("".join(traceback.format_exception(error))))
    return found


def error_reply(outcome: str, note: str) -> Reply:
    """Return the reply of a request that was given up; it is not stored."""
    return Reply(content=note, finish="error", meta={"outcome": outcome})


def budget_error(full: BudgetFull, entry: str) -> BudgetReached:
    """Return the error that says which budget is reached, and how to go on."""
    if full.scopes[0].startswith("run:"):
        what, fix = "the budget of this run is reached", "raise --budget and run again"
    else:
        what = f"the budget of teacher '{entry}' is reached"
        fix = f"raise usd in [teacher.{entry}.limits] and run again"
    return BudgetReached(f"{what}; every paid answer is kept", fix=fix)
