"""The runner in this process, with a clock of its own: tries, charges, stops, all in the books."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest

from deshi.api import AttemptError, BudgetReached, NotReadyError, RateLimit, Reply, Request, Usage
from deshi.labelling.calls.batching import BatchRunner
from deshi.labelling.calls.limits import Limits, Tariff
from deshi.labelling.calls.runner import CallContext, Runner
from deshi.labelling.ledger import Ledger, Payer, request_key
from deshi.labelling.ledger import transitions as moves
from deshi.redaction import Mask

WORST, PRICE = 2000, 700
IDENTITY = {"component": "c"}
PAYER = Payer(run="r", session="s", entry="e")


class OwnClock:
    """Jumps ahead where nothing is in flight; whoever waits for an answer waits for it."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def wait(self, event: anyio.Event, seconds: float | None, flying: int) -> None:
        if flying or seconds is None:
            await event.wait()
        else:
            self.time += seconds
            await anyio.sleep(0)


class Teacher:
    """Answers as a list of outcomes says for each text, and looks into the ledger when it is asked."""

    def __init__(self, clock: OwnClock, script: dict[str, list[str]], after: float | None) -> None:
        self.clock = clock
        self.script = script
        self.after = after
        self.asked: list[tuple[str, float]] = []
        self.peek: Any = None
        self.says = "😀"
        self.batches: dict[str, Any] = {}

    def worst_case(self, request: Request) -> int:
        return WORST

    def price(self, usage: Usage) -> int:
        return usage.output_tokens

    async def answer(self, request: Request) -> Reply:
        tries = sum(text == request.text for text, _ in self.asked)
        self.asked.append((request.text, self.clock.now()))
        if self.peek is not None:
            self.peek(request)
        await anyio.sleep(0)
        outcomes = self.script.get(request.text, ["ok"])
        outcome: Any = outcomes[min(tries, len(outcomes) - 1)]
        if outcome in ("ok", "empty", "refusal", "length"):
            finish: Any = "stop" if outcome == "ok" else outcome
            return Reply(content=self.says, finish=finish, usage=Usage(output_tokens=PRICE))
        raise AttemptError("said the server", outcome=outcome, retry_after=self.after)

    worst_case_in_batch, price_in_batch = worst_case, price

    async def submit(self, requests: Any, tag: str) -> str:
        self.batches[tag] = requests
        return tag

    async def collect(self, batch: str) -> dict[str, Reply]:
        return {key: await self.answer(request) for key, request in self.batches[batch].items()}


class Ran:
    """What came of asking some texts."""

    def __init__(
        self,
        folder: Path,
        script: dict[str, list[str]],
        texts: list[str],
        *,
        after: float | None = None,
        cap: int | None = None,
        **limits: Any,
    ) -> None:
        self.folder = folder
        self.clock = OwnClock()
        self.teacher = Teacher(self.clock, script, after)
        self.texts = texts
        self.cap = cap
        self.mask = Mask()
        self.limits = Limits(**limits)

    def ask(self) -> dict[str, Reply]:
        """Ask all texts; return the replies by text."""
        requests = [Request(task="label", text=text) for text in self.texts]
        with Ledger(self.folder) as ledger:
            ledger.set_caps({PAYER.scopes[0]: self.cap, PAYER.scopes[1]: None})
            desk = CallContext(
                teacher=self.teacher,
                label="e",
                limits=self.limits,
                tariff=Tariff(self.teacher, is_paid=True),
                ledger=ledger,
                payer=PAYER,
                row=ledger.teacher(IDENTITY),
                clock=self.clock,
                mask=self.mask,
                random=random.Random(1),
            )
            keys = {request_key(IDENTITY, r): r for r in requests}
            replies = ledger.find(list(keys))
            left = {key: request for key, request in keys.items() if key not in replies}
            try:
                runner = Runner(desk)
                asked = BatchRunner(runner) if self.limits.batch else runner
                replies |= anyio.run(asked.ask, left)
            finally:
                self.check_books()
        return {keys[key].text: reply for key, reply in replies.items()}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        db = sqlite3.connect(self.folder / "ledger.sqlite")
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def check_books(self) -> None:
        assert self.rows("SELECT count(*) FROM attempt WHERE outcome = 'open'") == [(0,)]
        assert self.rows("SELECT total(reserved) FROM request") == [(0.0,)]
        spent = self.rows("SELECT spent + over FROM budget WHERE scope = 'run:r'")
        assert spent == self.rows("SELECT coalesce(sum(cost), 0) FROM attempt")

    def cost(self, text: str) -> int:
        return int(self.rows(f"SELECT cost FROM request WHERE text = '{text}'")[0][0])


@pytest.mark.parametrize(
    ("outcome", "tries", "charged"),
    [
        ("throttled", 13, 0),  # as often as it takes: these do not count
        ("overloaded", 13, 0),
        ("server", 5, 0),
        ("timeout", 5, WORST),
        ("connection", 5, WORST),
        ("bad-body", 5, WORST),
        ("rejected", 1, 0),
    ],
)
def test_each_fault_is_tried_again_as_often_as_it_may(
    tmp_path: Path, outcome: str, tries: int, charged: int
) -> None:
    ran = Ran(tmp_path, {"bad": [*[outcome] * 12, "ok"]}, ["good", "bad"])
    replies = ran.ask()
    assert Counter(text for text, _ in ran.teacher.asked) == {"good": 1, "bad": tries}
    assert replies["good"].finish == "stop"
    if tries == 13:
        assert replies["bad"].finish == "stop"
        assert ran.cost("bad") == PRICE
    else:
        assert replies["bad"].finish == "error"
        assert replies["bad"].meta == {"outcome": outcome}
        assert ran.cost("bad") == tries * charged


@pytest.mark.parametrize("finish", ["refusal", "length"])
def test_a_refusal_is_an_answer_and_is_paid_once(tmp_path: Path, finish: str) -> None:
    ran = Ran(tmp_path, {"bad": [finish]}, ["bad"])
    assert ran.ask()["bad"].finish == finish
    assert ran.cost("bad") == PRICE


def test_an_empty_answer_is_asked_for_once_more(tmp_path: Path) -> None:
    ran = Ran(tmp_path, {"once": ["empty", "ok"], "twice": ["empty"]}, ["once", "twice"])
    replies = ran.ask()
    assert (replies["once"].finish, replies["twice"].finish) == ("stop", "empty")
    assert ran.cost("once") == ran.cost("twice") == 2 * PRICE
    assert len(ran.teacher.asked) == 4


@pytest.mark.parametrize("batch", [False, True])
def test_a_secret_that_a_server_repeats_is_neither_handed_on_nor_kept(
    tmp_path: Path, batch: bool
) -> None:
    ran = Ran(tmp_path, {}, ["one", "two", "three"], batch=batch)
    ran.mask = Mask.of(["top-secret-1"])
    ran.teacher.says = "😀 top-secret-1"
    for _ in ("asked", "found"):
        assert {reply.content for reply in ran.ask().values()} == {"😀 ***"}
    assert len(ran.teacher.asked) == 3
    assert len(ran.teacher.batches) == batch
    assert not [f for f in tmp_path.iterdir() if b"top-secret-1" in f.read_bytes()]


def test_nothing_is_sent_before_the_ledger_has_it_with_its_reservation(tmp_path: Path) -> None:
    ran = Ran(tmp_path, {"bad": ["server", "ok"]}, [*map(str, range(40)), "bad"])
    query = "SELECT reserved, state FROM request WHERE text = '{}'"
    found: list[Any] = []
    ran.teacher.peek = lambda request: found.extend(ran.rows(query.format(request.text)))
    ran.ask()
    assert set(found) == {(WORST, "inflight")}
    assert len(found) == 42


def test_nothing_is_sent_earlier_than_the_server_asked(tmp_path: Path) -> None:
    texts = [*map(str, range(30)), "bad"]
    ran = Ran(tmp_path, {"bad": ["throttled", "overloaded", "ok"]}, texts, after=120.0)
    ran.ask()
    times = [time for text, time in ran.teacher.asked if text == "bad"]
    assert times[1] - times[0] >= 120
    assert times[2] - times[1] >= 120


@pytest.mark.parametrize("outcome", ["denied", "spent"])
def test_after_a_fatal_answer_nothing_but_what_is_in_flight_is_asked(
    tmp_path: Path, outcome: str
) -> None:
    texts = [*map(str, range(5)), "bad", *map(str, range(5, 200))]
    ran = Ran(tmp_path, {"bad": [outcome]}, texts, concurrency=8)
    with pytest.raises(NotReadyError, match=outcome):
        ran.ask()
    after = [text for text, _ in ran.teacher.asked].index("bad")
    assert len(ran.teacher.asked) - after <= 9
    again = Ran(tmp_path, {}, texts)
    assert len(again.ask()) == len(texts)


def test_an_answer_that_is_there_cannot_be_asked_for_again(tmp_path: Path) -> None:
    assert len(Ran(tmp_path, {}, ["one"]).ask()) == 1
    db = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    key = request_key(IDENTITY, Request(task="label", text="one"))
    with pytest.raises(sqlite3.IntegrityError):
        moves.begin(db, PAYER, 1, key, Request(task="label", text="one"), 0)
    db.close()


def test_half_an_hour_without_an_answer_stops_the_run(tmp_path: Path) -> None:
    ran = Ran(tmp_path, {"bad": ["overloaded"]}, ["bad"], after=100.0)
    with pytest.raises(NotReadyError, match="no more answers, last overloaded"):
        ran.ask()
    assert 1800 < ran.clock.now() < 2100


def test_a_budget_is_used_to_the_last_call_that_fits(tmp_path: Path) -> None:
    cap = 20 * PRICE + WORST
    ran = Ran(tmp_path, {}, [*map(str, range(200))], cap=cap, concurrency=64)
    with pytest.raises(BudgetReached):
        ran.ask()
    ((spent,),) = ran.rows("SELECT sum(cost) FROM attempt")
    assert cap - WORST < spent <= cap
    ran = Ran(tmp_path, {}, [*map(str, range(200))], cap=10**9)
    assert len(ran.ask()) == 200


def test_a_component_that_hangs_is_given_up_after_the_timeout(tmp_path: Path) -> None:
    ran = Ran(tmp_path, {}, ["slow"], timeout=0.02)

    async def never(_request: Request) -> Reply:
        await anyio.sleep(60)
        raise AssertionError

    ran.teacher.answer = never  # type: ignore[method-assign]
    assert ran.ask()["slow"].meta == {"outcome": "timeout"}
    assert ran.cost("slow") == 5 * WORST


def test_a_cost_above_the_worst_case_is_booked_whole_and_stops_a_run_with_a_budget(
    tmp_path: Path,
) -> None:
    ran = Ran(tmp_path, {}, ["dear"], cap=10_000)
    ran.teacher.price = lambda _usage: 3 * WORST  # type: ignore[method-assign]
    from deshi.api import ComponentError

    with pytest.raises(ComponentError, match="its stated worst case is 2000"):
        ran.ask()
    assert ran.rows("SELECT spent, over FROM budget WHERE scope = 'run:r'") == [(WORST, 2 * WORST)]


def test_what_exceeded_a_worst_case_is_missing_in_the_budget_from_then_on(tmp_path: Path) -> None:
    from deshi.api import ComponentError

    dear = Ran(tmp_path, {}, ["dear"], cap=4 * WORST)
    dear.teacher.price = lambda _usage: 3 * WORST  # type: ignore[method-assign]
    with pytest.raises(ComponentError):
        dear.ask()
    with pytest.raises(BudgetReached):
        Ran(tmp_path, {}, ["one", "two"], cap=4 * WORST, concurrency=1).ask()
    (spent,) = dear.rows("SELECT spent + over FROM budget WHERE scope = 'run:r'")[0]
    assert 3 * WORST < spent <= 4 * WORST


def test_headers_pace_the_runner_from_the_first_answer_on(tmp_path: Path) -> None:
    ran = Ran(tmp_path, {}, [*map(str, range(60))], concurrency=4)
    answer = ran.teacher.answer

    async def told(request: Request) -> Reply:
        reply = await answer(request)
        left = max(0, 20 - len(ran.teacher.asked))
        limit = RateLimit(bucket="requests", limit=60, remaining=left, reset=1.0)
        return Reply(content=reply.content, usage=reply.usage, limits=(limit,))

    ran.teacher.answer = told  # type: ignore[method-assign]
    assert len(ran.ask()) == 60
    assert ran.clock.now() >= 30  # one a second once the bucket is empty
