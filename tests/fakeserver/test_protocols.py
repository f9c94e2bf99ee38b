"""What the fake server says is what the official SDKs expect, to the last field."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from deshi_tools.fakeserver.faults import BEHAVIOURS, Fault
from fake import PROMPT, fake

HEADERS = {"anthropic-version": "2023-06-01"}
SAID: Any = [{"role": "user", "content": "猫が好き"}]
CHAT: Any = [{"role": "system", "content": PROMPT["label"]}, *SAID]


def claude(address: str, **more: Any) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        api_key="k", base_url=address, max_retries=0, _strict_response_validation=True, **more
    )


def gpt(address: str, **more: Any) -> openai.OpenAI:
    return openai.OpenAI(
        api_key="k",
        base_url=address + "/v1",
        max_retries=0,
        _strict_response_validation=True,
        **more,
    )


def strange(model: Any) -> list[str]:
    """Return the fields of a model, at any depth, that its class does not have."""
    found = list(model.model_extra or ())
    for value in vars(model).values():
        for inner in value if isinstance(value, list) else [value]:
            if hasattr(inner, "model_extra"):
                found += strange(inner)
    return found


def test_a_message_is_valid_under_strict_validation_and_has_no_field_of_its_own() -> None:
    with fake() as (address, _):
        found = claude(address).messages.create(model="m", max_tokens=50, messages=SAID)
    assert found.content[0].type == "text"
    assert strange(found) == []


def test_a_completion_is_valid_under_strict_validation_and_has_no_field_of_its_own() -> None:
    with fake() as (address, _):
        found = gpt(address).chat.completions.create(model="m", messages=CHAT)
    assert found.choices[0].message.content
    assert strange(found) == []


def test_tokens_are_counted_as_they_are_billed() -> None:
    with fake() as (address, _):
        client = claude(address)
        counted = client.messages.count_tokens(model="m", messages=SAID)
        billed = client.messages.create(model="m", max_tokens=50, messages=SAID)
    assert counted.input_tokens == billed.usage.input_tokens


def test_models_are_listed_in_both_forms() -> None:
    with fake() as (address, _):
        ours = [model.id for model in claude(address).models.list()]
        theirs = [model.id for model in gpt(address).models.list()]
    assert ours == theirs
    assert "claude-haiku-5-5" in ours


def test_message_batches_are_valid_from_creation_to_results() -> None:
    requests: Any = [
        {"custom_id": f"r{n}", "params": {"model": "m", "max_tokens": 50, "messages": SAID}}
        for n in range(4)
    ]
    with fake(batch_seconds=0.0) as (address, _):
        client = claude(address)
        created = client.messages.batches.create(requests=requests)
        assert created.processing_status == "in_progress"
        assert created.request_counts.processing == 4
        ended = client.messages.batches.retrieve(created.id)
        results = list(client.messages.batches.results(created.id))
        listed = list(client.messages.batches.list(limit=1))
    assert (ended.processing_status, ended.request_counts.succeeded) == ("ended", 4)
    assert sorted(line.custom_id for line in results) == ["r0", "r1", "r2", "r3"]
    assert [batch.id for batch in listed] == [created.id]
    assert not [extra for one in (created, ended, *results) for extra in strange(one)]


def test_a_message_batch_can_be_cancelled_and_then_costs_nothing() -> None:
    requests: Any = [
        {"custom_id": "r", "params": {"model": "m", "max_tokens": 5, "messages": SAID}}
    ]
    with fake(batch_seconds=60) as (address, server):
        client = claude(address)
        name = client.messages.batches.create(requests=requests).id
        assert client.messages.batches.cancel(name).processing_status == "canceling"
        client.messages.batches.retrieve(name)
        (line,) = client.messages.batches.results(name)
    assert line.result.type == "canceled"
    assert server.books.totals()["billed"] == 0


STATUSES = {
    "throttled": (anthropic.RateLimitError, openai.RateLimitError),
    "overloaded": (anthropic.OverloadedError, openai.InternalServerError),
    "server-error": (anthropic.InternalServerError, openai.InternalServerError),
    "bad-gateway": (anthropic.InternalServerError, openai.InternalServerError),
    "gateway-timeout": (anthropic.GatewayTimeoutError, openai.InternalServerError),
    "unauthorised": (anthropic.AuthenticationError, openai.AuthenticationError),
    "forbidden": (anthropic.PermissionDeniedError, openai.PermissionDeniedError),
    "unknown-model": (anthropic.NotFoundError, openai.NotFoundError),
    "bad-request": (anthropic.BadRequestError, openai.BadRequestError),
    "too-large": (anthropic.ContentTooLargeError, openai.APIStatusError),
    "no-credit": (anthropic.PaymentRequiredError, openai.APIStatusError),
    "reset": (anthropic.APIConnectionError, openai.APIConnectionError),
    "truncated": (anthropic.APIConnectionError, openai.APIConnectionError),
}


@pytest.mark.parametrize("do", STATUSES)
def test_an_error_is_the_exception_that_the_sdks_have_for_it(do: str) -> None:
    ours, theirs = STATUSES[do]
    with fake(Fault(do=do)) as (address, _):
        with pytest.raises(ours):
            claude(address).messages.create(model="m", max_tokens=50, messages=SAID)
        with pytest.raises(theirs):
            gpt(address).chat.completions.create(model="m", messages=CHAT)


def test_a_spend_limit_has_the_code_that_tells_it_from_a_rate_limit() -> None:
    with fake(Fault(do="spend-limit")) as (address, _):
        with pytest.raises(anthropic.RateLimitError) as ours:
            claude(address).messages.create(model="m", max_tokens=50, messages=SAID)
        with pytest.raises(openai.RateLimitError) as theirs:
            gpt(address).chat.completions.create(model="m", messages=CHAT)
    assert ours.value.error_code == "enforced_spend_limit_reached"
    assert theirs.value.code == "insufficient_quota"
    assert "retry-after" not in ours.value.response.headers


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"teh_model": 1}, "teh_model: Extra inputs"),
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"messages": [{"role": "user", "content": " "}]}, "non-whitespace"),
        ({"stop_sequences": ["\n"]}, "non-whitespace"),
    ],
)
def test_what_is_wrong_with_a_request_is_found(body: dict[str, Any], said: str) -> None:
    whole = {"model": "m", "max_tokens": 50, "messages": SAID, **body}
    with fake() as (address, _):
        done = httpx2.post(
            f"{address}/v1/messages", json=whole, headers={**HEADERS, "X-Api-Key": "k"}
        )
    assert done.status_code == 400
    assert said in done.json()["error"]["message"]


def test_an_unknown_key_of_a_completion_is_found_and_those_of_other_servers_are_not() -> None:
    with fake() as (address, _):
        client = gpt(address)
        client.chat.completions.create(model="m", messages=CHAT, extra_body={"min_p": 0.1})
        with pytest.raises(openai.BadRequestError, match="mni_p"):
            client.chat.completions.create(model="m", messages=CHAT, extra_body={"mni_p": 0.1})


@pytest.mark.parametrize("version", ["2026-10-21", "2027-01-01"])
def test_sampling_parameters_are_refused_by_todays_api(version: str) -> None:
    with fake() as (address, _), pytest.raises(anthropic.BadRequestError, match="temperature"):
        claude(address).messages.create(
            model="m",
            max_tokens=5,
            messages=SAID,
            extra_body={"temperature": 0.2},
            extra_headers={"anthropic-version": version},
        )


def test_a_key_in_either_header_opens_it_and_none_does_not() -> None:
    body = {"model": "m", "max_tokens": 50, "messages": SAID}
    with fake() as (address, _):
        statuses = [
            httpx2.post(f"{address}/v1/messages", json=body, headers={**HEADERS, **key}).status_code
            for key in ({"X-Api-Key": "k"}, {"Authorization": "Bearer k"}, {})
        ]
    assert statuses == [200, 200, 401]


@pytest.mark.parametrize("do", [do for do in BEHAVIOURS if not do.startswith("batch-")])
def test_the_server_lives_on_after_any_fault(do: str) -> None:
    body = {"model": "m", "max_tokens": 50, "messages": SAID}
    with fake(Fault(do=do, times=1, seconds=0.01)) as (address, _):
        headers = {**HEADERS, "X-Api-Key": "k"}
        for _attempt in range(2):
            try:
                done = httpx2.post(f"{address}/v1/messages", json=body, headers=headers)
            except httpx2.HTTPError:
                continue
    assert done.status_code == 200


def test_the_asynchronous_clients_over_aiohttp_are_served_too() -> None:
    async def both(address: str) -> None:
        async with anthropic.AsyncAnthropic(
            api_key="k", base_url=address, http_client=anthropic.DefaultAioHttpClient()
        ) as ours:
            await ours.messages.create(model="m", max_tokens=50, messages=SAID)
        async with openai.AsyncOpenAI(
            api_key="k", base_url=address + "/v1", http_client=openai.DefaultAioHttpClient()
        ) as theirs:
            await theirs.chat.completions.create(model="m", messages=CHAT)

    with fake() as (address, server):
        asyncio.run(both(address))
    assert server.books.totals()["completed"] == 2
