"""Ask a teacher many requests at once: bounded, paced, tried again, each attempt in the books first."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

import anyio
from anyio.abc import TaskGroup

from deshi.api import AttemptError, BudgetReached, ComponentError, Reply, Request, Teacher
from deshi.labelling.calls.clock import Clock, SteadyClock
from deshi.labelling.calls.concurrency import Concurrency
from deshi.labelling.calls.limits import Limits, Tariff
from deshi.labelling.calls.pacing import Pacer
from deshi.labelling.calls.queue import Asked, Waiting
from deshi.labelling.calls.retry_policy import COUNTED, MAY_BE_PAID, decide
from deshi.labelling.calls.stop_rules import Stops
from deshi.labelling.ledger import BudgetFull, Ending, Ledger, Payer
from deshi.labelling.ledger.ledger import raw
from deshi.labelling.redaction import Mask

_START = 16
NOTE = 500
"""Characters kept of what a server says of a failure."""
DRAIN = 30.0
"""Seconds that requests in flight get to come in, once the run stops."""


@dataclass(kw_only=True)
class Desk:
    """Where one teacher is asked: the teacher, its settings, the ledger, and who pays."""

    teacher: Teacher
    label: str
    limits: Limits
    tariff: Tariff
    ledger: Ledger
    payer: Payer
    row: int
    mask: Mask = field(default_factory=Mask)
    clock: Clock = field(default_factory=SteadyClock)
    chance: Random = field(default_factory=Random)
    answered: Callable[[], None] = lambda: None


class Runner:
    """The runner of one teacher. Its pace and concurrency are kept from one `ask` to the next.

    Attributes:
        stops: What stops it.
        changed: The event that is set when something happens; there is a new one each time.
    """

    def __init__(self, desk: Desk) -> None:
        now = desk.clock.now()
        self._desk = desk
        self._pacer = Pacer(desk.limits.per_minute, now)
        self._concurrency = Concurrency(_START, desk.limits.concurrency, now)
        self.stops = Stops(desk.label, desk.clock)
        self.changed = anyio.Event()

    async def ask(self, requests: Mapping[str, Request]) -> dict[str, Reply]:
        """Ask requests by key; return the replies. An item that is given up has an `error` reply.

        Raises:
            BudgetReached: the next call might exceed a budget.
            NotReadyError: the teacher cannot be asked any longer: key, credit, an outage.
            ComponentError: the teacher raised something else.
            Interrupted: the user asked to stop.
        """
        self._waiting = Waiting.of(requests)
        self._replies: dict[str, Reply] = {}
        self._flying = 0
        self._is_starved = False
        self.changed = anyio.Event()
        self.stops.begin()
        async with anyio.create_task_group() as group:
            await self._dispatch(group)
            await self._drain(group)
        self.stops.raise_if_stopped()
        return self._replies

    def interrupt(self) -> None:
        """Stop: let what is in flight come in; told a second time, cancel it. Call it in the loop."""
        self.stops.interrupt()
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = anyio.Event()

    async def _dispatch(self, group: TaskGroup) -> None:
        """Send what may go, until all is answered or something stops the run."""
        desk = self._desk
        while (self._waiting or self._flying) and not self.stops:
            now = desk.clock.now()
            wait = self._waiting.wait(now)
            if wait == 0.0:
                wait = self._may_go(now)
            if wait == 0.0:
                self._pacer.take(now)
                self._flying += 1
                group.start_soon(self._attempt, self._waiting.ready.popleft())
                continue
            await desk.clock.wait(self.changed, wait, self._flying)

    def _may_go(self, now: float) -> float | None:
        """Return the seconds until the next request may go; None if another has to end first."""
        if self._flying >= self._concurrency.limit:
            self._concurrency.reached()
            return None
        return None if self._is_starved else self._pacer.wait(now)

    async def _drain(self, group: TaskGroup) -> None:
        """Wait for what is in flight, up to `DRAIN` seconds, or no longer if told so twice."""
        clock = self._desk.clock
        deadline = clock.now() + DRAIN
        while self._flying and not self.stops.is_at_once and clock.now() < deadline:
            await clock.wait(self.changed, deadline - clock.now(), self._flying)
        if self._flying:
            group.cancel_scope.cancel()

    async def _attempt(self, asked: Asked) -> None:
        desk = self._desk
        try:
            worst = desk.tariff.worst(asked.request)
            with anyio.CancelScope(shield=True):  # it is known whether the attempt is in the books
                attempt = await desk.ledger.begin(
                    desk.payer, desk.row, asked.key, asked.request, worst
                )
            self.stops.sent()
            await self._tried(asked, attempt, worst)
        except BudgetFull as full:
            self._no_room(asked, full)
        except Exception as error:  # noqa: BLE001  (a teacher may raise anything; its locals stay out)
            self.stops.set(raised(error, desk.label, desk.mask))
        finally:
            self._flying -= 1
            self._wake()

    def _no_room(self, asked: Asked, full: BudgetFull) -> None:
        """Wait for what is in flight to give room back; if nothing is, the budget is reached."""
        self._waiting.ready.appendleft(asked)
        self._is_starved = self._flying > 1
        if not self._is_starved:
            self.stops.set(reached(full, self._desk.payer.entry))

    async def _tried(self, asked: Asked, attempt: int, worst: int) -> None:
        """Make one attempt and book how it ended, whatever happens."""
        desk = self._desk
        asked.tries += 1
        began = desk.clock.now()
        others = self._flying - 1
        unknown = Ending(
            outcome="unknown",
            state="pending",
            cost=worst,
            source="worst-case" if worst else "none",
        )
        try:
            with anyio.fail_after(desk.limits.timeout):
                reply = await desk.teacher.answer(asked.request)
            if not isinstance(reply, Reply):
                raise TypeError(f"answer() returned {type(reply).__name__}, not a Reply")  # noqa: TRY301
        except AttemptError as error:
            await self._unanswered(asked, attempt, worst, error, began, others)
        except TimeoutError:
            what = f"no answer in {desk.limits.timeout:.0f} s"
            late = AttemptError(what, outcome="timeout")
            await self._unanswered(asked, attempt, worst, late, began, others)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await desk.ledger.end(desk.payer, asked.key, attempt, unknown)
            raise
        else:
            await self._came(asked, attempt, worst, reply, began, others)
        self._is_starved = False

    async def _came(
        self, asked: Asked, attempt: int, worst: int, reply: Reply, began: float, others: int
    ) -> None:
        """Book an answer, pace by what came with it, and settle it or ask once more if it is empty."""
        desk = self._desk
        now = desk.clock.now()
        cost, source = desk.tariff.cost(reply, worst)
        again = reply.finish == "empty" and not asked.empty
        ending = Ending(
            outcome="ok" if reply.finish == "stop" else reply.finish,
            state="pending" if again else "done",
            cost=cost,
            source=source,
            reply=desk.mask(raw(reply)),
            model=reply.model,
            usage=reply.usage,
            server_id=str(reply.meta.get("request-id", "")),
        )
        with anyio.CancelScope(shield=True):
            await desk.ledger.end(desk.payer, asked.key, attempt, ending)
        self._pacer.learn(reply.usage)
        self._pacer.told(reply.limits, now, age=now - began, others=others)
        self._concurrency.ended(now, throttled=False, seconds=now - began)
        self.stops.succeeded()
        if cost > worst:
            self.stops.exceeded(cost, worst, is_capped=desk.ledger.is_capped(desk.payer))
        if again:
            asked.empty += 1
            self._waiting.again(asked, now)
        else:
            self._replies[asked.key] = replace(reply, content=desk.mask(reply.content))
            desk.answered()

    async def _unanswered(
        self,
        asked: Asked,
        attempt: int,
        worst: int,
        error: AttemptError,
        began: float,
        others: int,
    ) -> None:
        """Book an attempt that gave no answer, and do what follows from it."""
        desk = self._desk
        now = desk.clock.now()
        asked.counted += error.outcome in COUNTED
        decision = decide(error, asked.counted, asked.tries, desk.chance)
        is_throttled = error.outcome in ("throttled", "overloaded")
        cost = worst if error.outcome in MAY_BE_PAID else 0
        note = desk.mask(error.what)[:NOTE]
        ending = Ending(
            outcome=error.outcome,
            state="failed" if decision.after == "failed" else "pending",
            cost=cost,
            source="worst-case" if cost else "none",
            status=error.status,
            code=desk.mask(error.code),
            server_id=error.request_id,
            note=note,
            retry_after=error.retry_after,
        )
        with anyio.CancelScope(shield=True):
            await desk.ledger.end(desk.payer, asked.key, attempt, ending)
        self._pacer.told(error.limits, now, age=now - began, others=others, throttled=is_throttled)
        self._concurrency.ended(now, throttled=is_throttled)
        if is_throttled and error.retry_after and self._concurrency.is_congested:
            self._pacer.hold(now + error.retry_after)
        self.stops.unanswered(error, note, given_up=decision.after == "failed")
        if decision.after == "failed":
            self._replies[asked.key] = given_up(error.outcome, note)
        else:
            self._waiting.again(asked, now + decision.pause)


def raised(error: BaseException, label: str, mask: Mask) -> ComponentError:
    """Return what a teacher raised as an error of deshi: no locals, no request, no secret in it."""
    what = mask(f"{type(error).__name__}: {error}")
    found = ComponentError(what, where=f"teacher '{label}'")
    found.add_note(mask("".join(traceback.format_exception(error))))
    return found


def given_up(outcome: str, note: str) -> Reply:
    """Return what stands for the answer to an item that was given up; it is kept nowhere."""
    return Reply(content=note, finish="error", meta={"outcome": outcome})


def reached(full: BudgetFull, entry: str) -> BudgetReached:
    """Return the error that tells which budget is reached, and how to go on."""
    told = {
        "run": ("the budget of this run is reached", "raise --budget and run again"),
        "teacher": (
            f"the budget of teacher '{entry}' is reached",
            f"raise usd in [teacher.{entry}.limits] and run again",
        ),
    }
    what, fix = told[full.scopes[0].partition(":")[0]]
    return BudgetReached(f"{what}; every paid answer is kept", fix=fix)
