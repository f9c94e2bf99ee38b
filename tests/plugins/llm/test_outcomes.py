"""Each way in which a server can answer ends in the outcome that docs/teachers.md gives."""

from __future__ import annotations

import socket

import pytest

from deshi.api import AttemptError, Reply
from deshi_tools.fakeserver.faults import BEHAVIOURS, Fault
from fake import ask_one, fake, request, teacher

BOTH = pytest.mark.parametrize("name", ["anthropic", "openai"])

# Behaviour: what the Messages API and chat completions lead to, an outcome or a `finish`.
OUTCOMES = {
    "throttled": ("throttled", "throttled"),
    "spend-limit": ("spent", "spent"),
    "own-spend-limit": ("spent", "spent"),
    "ramp-limit": ("throttled", "throttled"),
    "in-flight-budget": ("spent", "throttled"),
    "no-credit": ("spent", "spent"),
    "overloaded": ("overloaded", "overloaded"),
    "server-error": ("server", "server"),
    "bad-gateway": ("server", "server"),
    "unavailable": ("overloaded", "overloaded"),
    "gateway-timeout": ("timeout", "timeout"),
    "unauthorised": ("denied", "denied"),
    "forbidden": ("denied", "denied"),
    "flagged": ("rejected", "rejected"),
    "unknown-model": ("denied", "denied"),
    "bad-request": ("rejected", "rejected"),
    "too-large": ("rejected", "rejected"),
    "error-in-200": ("bad-body", "server"),
    "no-choices": ("finish empty", "bad-body"),
    "choices-missing": ("bad-body", "bad-body"),
    "null-content": ("bad-body", "finish empty"),
    "thinking": ("finish stop", "finish stop"),
    "thinking-tail": ("finish stop", "finish stop"),
    "thinking-unclosed": ("finish stop", "finish length"),
    "empty": ("finish empty", "finish empty"),
    "refusal": ("finish refusal", "finish refusal"),
    "soft-refusal": ("finish stop", "finish stop"),
    "cut-answer": ("finish length", "finish length"),
    "no-usage": ("finish stop", "finish stop"),
    "truncated": ("connection", "connection"),
    "reset": ("connection", "connection"),
    "reset-midway": ("connection", "connection"),
    "invalid-json": ("bad-body", "bad-body"),
    "html": ("bad-body", "bad-body"),
    "wrong-charset": ("bad-body", "bad-body"),
    "slow": ("finish stop", "finish stop"),
}


def ended(found: Reply | AttemptError) -> str:
    return found.outcome if isinstance(found, AttemptError) else f"finish {found.finish}"


@BOTH
@pytest.mark.parametrize("do", OUTCOMES)
def test_a_bad_answer_ends_in_the_outcome_of_the_table(name: str, do: str) -> None:
    with fake(Fault(do=do, seconds=0.01)) as (address, _):
        found = ask_one(teacher(name, address))
    assert ended(found) == OUTCOMES[do][name == "openai"], found


def test_the_table_has_every_behaviour_of_the_server_that_no_batch_needs() -> None:
    assert {do for do in BEHAVIOURS if not do.startswith("batch-")} == set(OUTCOMES)


@BOTH
def test_a_sound_answer_has_text_usage_and_the_servers_name_for_it(name: str) -> None:
    with fake() as (address, server):
        found = ask_one(teacher(name, address))
    assert isinstance(found, Reply)
    assert found.content.split()[0] in "🐱🐈😻😍"
    assert found.meta["request-id"].startswith("req_")
    billed = server.books.totals()
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens) == (
        billed["input_tokens"],
        billed["output_tokens"],
    )


@BOTH
@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [
        ("retry_after", "7", 7.0),
        ("retry_after", "3600", 3600.0),
        ("retry_after_ms", "1500", 1.5),
        ("retry_after", "Wed, 25 Nov 2099 00:00:00 GMT", 1e8),
        ("retry_after", "soon", None),
        ("retry_after", "", None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_handed_on_and_not_slept(
    name: str, header: str, value: str, seconds: float | None
) -> None:
    with fake(Fault(do="throttled", **{header: value})) as (address, _):
        found = ask_one(teacher(name, address))
    assert isinstance(found, AttemptError)
    if seconds == 1e8:
        assert found.retry_after is not None
        assert found.retry_after > seconds
    else:
        assert found.retry_after == seconds


@BOTH
def test_an_attempt_is_one_request_whatever_happens(name: str) -> None:
    for do in ("throttled", "overloaded", "server-error", "truncated"):
        with fake(Fault(do=do)) as (address, server):
            ask_one(teacher(name, address))
        assert server.books.totals()["received"] == 1


@BOTH
def test_a_server_that_does_not_answer_is_a_timeout(name: str) -> None:
    with fake(Fault(do="slow", seconds=1.5)) as (address, _):
        found = ask_one(teacher(name, address, settings={"timeout": 0.3}))
    assert ended(found) == "timeout"


@BOTH
def test_nobody_at_the_address_costs_nothing_and_is_tried_again(name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        port = taken.getsockname()[1]
        assert ended(ask_one(teacher(name, f"http://127.0.0.1:{port}"))) == "server"


@BOTH
def test_a_wrong_key_is_denied(name: str) -> None:
    with fake(key="right") as (address, _):
        assert ended(ask_one(teacher(name, address, key="wrong-one"))) == "denied"
        assert ended(ask_one(teacher(name, address, key="right"))) == "finish stop"


@BOTH
def test_the_limits_that_a_server_tells_come_with_answers_and_with_refusals(name: str) -> None:
    with fake(rpm=1, itpm=100_000, otpm=100_000) as (address, _):
        asked = teacher(name, address)
        first, second = ask_one(asked), ask_one(asked)
    assert isinstance(first, Reply)
    assert isinstance(second, AttemptError)
    for limits in (first.limits, second.limits):
        requests = next(limit for limit in limits if limit.bucket == "requests")
        assert (requests.limit, requests.remaining) == (1, 0)
        assert 0 < requests.reset <= 60
    assert second.outcome == "throttled"
    assert second.retry_after is not None
    assert 0 < second.retry_after <= 60


def test_a_refusal_of_claude_carries_its_category() -> None:
    with fake(Fault(do="refusal")) as (address, _):
        found = ask_one(teacher("anthropic", address))
    assert isinstance(found, Reply)
    assert found.meta["category"] == "frontier_llm"


def test_reasoning_that_a_server_tells_apart_is_never_the_answer() -> None:
    with fake(Fault(do="null-content")) as (address, _):
        found = ask_one(teacher("openai", address))
    assert isinstance(found, Reply)
    assert found.content == ""


@pytest.mark.parametrize("do", ["thinking", "thinking-tail"])
def test_thoughts_before_an_answer_are_taken_away(do: str) -> None:
    with fake(steady=True) as (address, _):
        plain = ask_one(teacher("openai", address))
    with fake(Fault(do=do), steady=True) as (address, _):
        thought = ask_one(teacher("openai", address))
    assert isinstance(plain, Reply)
    assert isinstance(thought, Reply)
    assert thought.content == plain.content


def test_an_answer_of_unknown_usage_says_so() -> None:
    with fake(Fault(do="no-usage")) as (address, _):
        found = ask_one(teacher("openai", address))
    assert isinstance(found, Reply)
    assert found.usage is None


def test_openrouter_tells_who_answered_and_what_it_charged() -> None:
    with fake(price=(200, 800)) as (address, server):
        found = ask_one(teacher("openai", address, below="/api/v1"))
    assert isinstance(found, Reply)
    assert found.meta["provider"] == "Fake"
    assert found.cost == server.books.totals()["cost"] > 0


def test_a_server_that_compresses_or_mislabels_its_json_is_read_all_the_same() -> None:
    with fake() as (address, _):
        found = ask_one(teacher("openai", address), request("寿司を食べた。"))
    assert isinstance(found, Reply)
    assert "🍣" in found.content
