"""The pace and the number in flight, against a server in virtual time."""

from __future__ import annotations

import heapq
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import AttemptError, RateLimit, Usage
from deshi.labelling.calls.pacing import Concurrency, Pacer
from deshi.labelling.calls.retry_policy import LONGEST_WAIT, decide, pause

LATENCY = 0.2


class Server:
    """A token bucket of requests, full at first, that says what is left of it."""

    def __init__(self, per_minute: int, *, capacity: int | None = None, tells: bool = True) -> None:
        self.rate = per_minute / 60
        self.capacity = float(capacity or per_minute)
        self.level = self.capacity
        self.at = 0.0
        self.tells = tells
        self.served = self.refused = 0

    def ask(self, now: float) -> tuple[bool, tuple[RateLimit, ...]]:
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now
        is_served = self.level >= 1
        if is_served:
            self.level -= 1
        self.served += is_served
        self.refused += not is_served
        reset = (self.capacity - self.level) / self.rate
        limit = RateLimit(
            bucket="requests",
            limit=int(self.capacity),
            remaining=int(self.level),
            reset=reset,
        )
        return is_served, (limit,) if self.tells else ()


def drive(pacer: Pacer, server: Server, seconds: float, at_once: int = 64) -> None:
    """Send as fast as the pacer lets go, in virtual time; answers take 200 ms, give or take half."""
    chance = random.Random(3)
    count = itertools.count()
    events: list[tuple[float, int, float, bool, tuple[RateLimit, ...]]] = []
    now = 0.0
    flying = 0
    while now < seconds:
        wait = pacer.wait(now) if flying < at_once else None
        if wait == 0:
            pacer.take(now)
            flying += 1
            latency = LATENCY * chance.uniform(0.5, 1.5)
            served, limits = server.ask(now + latency / 2)
            heapq.heappush(events, (now + latency, next(count), now, served, limits))
            continue
        upcoming = events[0][0] if events else now + (wait or 0.1)
        now = min(upcoming, now + wait + 1e-6) if wait is not None else upcoming
        while events and events[0][0] <= now:
            _, _, sent, served, limits = heapq.heappop(events)
            flying -= 1
            pacer.update_from_headers(
                limits, now, age=now - sent, others=flying, throttled=not served
            )


@pytest.mark.parametrize(
    ("configured", "server"),
    [
        (None, Server(600)),
        (600, Server(600, tells=False)),
        (600, Server(600, capacity=10, tells=False)),
        (600, Server(600)),
        (None, Server(4000)),
    ],
    ids=["headers", "configured", "configured, a second's worth", "both", "headers, 4000"],
)
def test_a_limit_is_used_to_95_percent_with_under_1_percent_throttled(
    configured: int | None, server: Server
) -> None:
    seconds = 120.0
    at_first = server.capacity if configured is None else 0.0
    drive(Pacer(configured, 0.0), server, seconds)
    possible = at_first + server.rate * seconds
    assert server.served >= 0.95 * min(possible, 64 / LATENCY * seconds)
    assert server.refused <= 0.01 * (server.served + server.refused)


def test_a_limit_that_others_use_up_too_is_not_overrun_for_long() -> None:
    server = Server(600)
    server.level = 0.0
    drive(Pacer(None, 0.0), server, 60.0, at_once=8)
    assert server.refused <= 20
    assert server.served >= 0.9 * 600


def test_nothing_goes_before_a_hold_ends() -> None:
    pacer = Pacer(None, 0.0)
    pacer.hold(7.5)
    pacer.hold(3.0)
    assert pacer.wait(0.0) == 7.5
    assert pacer.wait(7.5) == 0.0


def test_a_bucket_of_tokens_is_paced_by_what_answers_take() -> None:
    pacer = Pacer(None, 0.0)
    pacer.learn(Usage(input_tokens=100, output_tokens=50))
    told = RateLimit(bucket="output-tokens", limit=600, remaining=100, reset=50.0)
    pacer.update_from_headers((told,), 0.0, age=0.2, others=0)
    sent = 0
    while pacer.wait(0.0) == 0:
        pacer.take(0.0)
        sent += 1
    assert sent == 2
    assert pacer.wait(0.0) == pytest.approx(50 / (10 * 0.98))


def test_a_limit_of_a_day_is_not_taken_for_one_of_a_minute() -> None:
    pacer = Pacer(None, 0.0)
    told = RateLimit(bucket="requests", limit=1440, remaining=0, reset=86400.0)
    pacer.update_from_headers((told,), 0.0, age=0.2, others=0)
    assert pacer.wait(0.0) == pytest.approx(60 / 0.98, rel=0.01)


def crowd(share: float, epochs: int, *, cap: int | None = None) -> Concurrency:
    """Let a controller meet a server that refuses at random, or all that is above a cap."""
    chance = random.Random(5)
    control = Concurrency(16, 256, 0.0)
    now = 0.0
    for _ in range(epochs):
        limit = control.limit
        control.note_limit_reached()
        for at in range(limit):
            now += 0.5 / limit
            over = cap is not None and at >= cap
            control.ended(now, throttled=over or chance.random() < share, seconds=0.1)
    return control


def test_some_random_refusals_do_not_hold_it_down() -> None:
    assert crowd(0.08, 60).limit > 100


def test_many_refusals_bring_it_down_to_what_the_server_takes() -> None:
    assert 40 <= crowd(0.0, 80, cap=60).limit <= 80


def test_it_does_not_grow_where_nothing_waited() -> None:
    control = Concurrency(16, 256, 0.0)
    for tick in range(200):
        control.ended(tick * 0.1, throttled=False, seconds=0.1)
    assert control.limit == 16


def test_it_does_not_grow_where_answers_take_three_times_as_long() -> None:
    control = Concurrency(16, 256, 0.0)
    for tick in range(400):
        control.note_limit_reached()
        control.ended(tick * 0.1, throttled=False, seconds=0.1 if control.limit <= 54 else 0.4)
    assert control.limit <= 81


OUTCOMES = st.sampled_from(
    ["throttled", "overloaded", "server", "timeout", "connection", "bad-body"]
)


@given(OUTCOMES, st.floats(0, LONGEST_WAIT), st.integers(1, 50), st.randoms())
def test_nothing_goes_earlier_than_the_server_asked(outcome, after, tries, chance) -> None:
    error = AttemptError("x", outcome=outcome, retry_after=after)
    assert decide(error, 1, tries, chance).pause >= after


@given(st.integers(1, 10_000), st.randoms())
def test_a_pause_is_never_longer_than_a_minute_of_our_own(tries, chance) -> None:
    assert 0 <= pause(None, tries, chance) <= 60


@given(OUTCOMES, st.integers(1, 20))
def test_what_costs_nothing_does_not_count(outcome, tries) -> None:
    error = AttemptError("x", outcome=outcome)
    counted = 0 if outcome in ("throttled", "overloaded") else tries
    after = decide(error, counted, tries, random.Random(1)).after
    assert after == ("failed" if counted >= 5 else "again")
