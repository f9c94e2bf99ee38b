"""Batches of all three forms, by the official SDKs: each request's outcome, at half the price."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest

from deshi.api import AttemptError, Reply, Request, UsageError
from deshi_tools.fakeserver.faults import Fault
from fake import ask, fake, request, teacher

FORMS = {
    "messages": ("anthropic", {}),
    "files": ("openai", {}),
    "inline": ("openai", {"below": "/api/v1"}),
}
EACH = pytest.mark.parametrize("form", FORMS)
PRICE = {"price": {"input": 1.0, "output": 4.0, "batch": 50}}
REQUESTS = {f"{n:032x}": request(f"猫が{n}匹いる。") for n in range(12)}


def asking(form: str, address: str) -> Any:
    name, params = FORMS[form]
    settings = {**PRICE, **({"batches": form} if name == "openai" else {})}
    return teacher(name, address, settings=settings, **params)


def test_a_form_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="is not a form of batches"):
        teacher("openai", "http://127.0.0.1:9", settings={"batches": "lines"})


def collected(asked: Any, requests: Mapping[str, Request] = REQUESTS) -> Mapping[str, Any]:
    async def wait() -> Any:
        batch = await asked.submit(requests, "tag-1")
        assert await asked.collect(batch) is None
        while (found := await asked.collect(batch)) is None:
            await asyncio.sleep(0.05)
        return found

    found: Mapping[str, Any] = asyncio.run(wait())
    return found


@EACH
def test_a_batch_gives_what_single_calls_give_at_half_the_price(form: str) -> None:
    with fake(steady=True, batch_seconds=0.3, price=(1000, 4000)) as (address, server):
        asked = asking(form, address)
        found = collected(asked)
        billed = server.books.totals()["cost"]
        single = ask(asking(form, address), *REQUESTS.values())
    assert found.keys() == REQUESTS.keys()
    for key, one in zip(REQUESTS, single, strict=True):
        assert isinstance(one, Reply)
        assert (found[key].content, found[key].finish) == (one.content, "stop")
        assert found[key].usage == one.usage
        assert asked.price_in_batch(one.usage) == -(-asked.price(one.usage) // 2)
    assert sum(asked.price_in_batch(one.usage) for one in found.values()) == billed


@EACH
@pytest.mark.parametrize("do", ["batch-errored", "batch-expired", "batch-canceled"])
def test_a_request_that_a_batch_did_not_answer_failed_alone_and_was_not_billed(
    form: str, do: str
) -> None:
    with fake(Fault(do=do, text="猫が3匹"), batch_seconds=0.1) as (address, server):
        found = collected(asking(form, address))
        billed = server.books.totals()["billed"]
    failed = [key for key, one in found.items() if isinstance(one, AttemptError)]
    assert failed == [f"{3:032x}"]
    assert found[failed[0]].outcome == "server"
    assert billed == 11


@EACH
def test_a_refusal_inside_a_batch_is_a_refusal(form: str) -> None:
    with fake(Fault(do="refusal", times=1), batch_seconds=0.1) as (address, _):
        found = collected(asking(form, address))
    assert [one.finish for one in found.values()].count("refusal") == 1


@EACH
def test_a_request_that_is_wrong_is_rejected_at_the_end(form: str) -> None:
    blank = {**REQUESTS, "f" * 32: request("　")}
    with fake(batch_seconds=0.1) as (address, _):
        found = collected(asking(form, address), blank)
    assert isinstance(found["f" * 32], AttemptError)
    assert found["f" * 32].outcome == "rejected"


@EACH
@pytest.mark.parametrize("ended", [False, True])
def test_a_batch_that_nobody_noted_is_found_again(form: str, *, ended: bool) -> None:
    """Another batch of as many requests, handed over at the same time, is not taken for it."""
    others = {f"a{n:031x}": request("犬") for n in range(len(REQUESTS))}
    with fake(batch_seconds=0.0 if ended else 30.0) as (address, _):
        asked = asking(form, address)

        async def lose_and_find() -> tuple[str, str | None, str | None]:
            since = time.time()
            other = await asked.submit(others, "tag-other")
            batch = await asked.submit(REQUESTS, "tag-1")
            return (
                batch,
                await asked.find(REQUESTS, "tag-1", since, {other}),
                await asked.find({"b" * 32: request("鳥")}, "tag-2", since, {other}),
            )

        batch, found, nothing = asyncio.run(lose_and_find())
    assert found == batch
    assert nothing is None


@EACH
def test_a_batch_that_nobody_took_is_an_attempt_that_failed(form: str) -> None:
    with fake(key="right") as (address, _):
        asked = asking(form, address)
        with pytest.raises(AttemptError) as caught:
            asyncio.run(asked.submit(REQUESTS, "tag-1"))
    assert caught.value.outcome == "denied"
