"""What the teachers send, and what of it makes them other teachers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deshi.api import AttemptError, NotReadyError, Reply, Request, Usage, UsageError
from deshi.benchmark.axes import Choice
from deshi.benchmark.parts import Parts
from deshi.labelling.ledger import request_key
from deshi.registry import Registry
from deshi_tools.fakeserver.faults import Fault
from fake import PROMPT, ask, ask_one, fake, registry, request, teacher


class Overheard:
    """Stands before a server's exchange and keeps the bodies and headers that come in."""

    def __init__(self, server: Any) -> None:
        self.bodies: list[Any] = []
        self.headers: list[Any] = []
        faults = server.exchange.faults
        real = faults.next

        def listening(path: str, key: str, body: str) -> Any:
            self.bodies.append(json.loads(body))
            return real(path, key, body)

        faults.next = listening
        checked = server.exchange.admitted

        def admitted(headers: Any) -> bool:
            self.headers.append(dict(headers))
            return bool(checked(headers))

        server.exchange.admitted = admitted
        self.restore = lambda: vars(server.exchange).pop("admitted")


def sent(name: str, **params: Any) -> tuple[Any, Any]:
    with fake() as (address, server):
        heard = Overheard(server)
        found = ask_one(teacher(name, address, **params))
        heard.restore()
    assert isinstance(found, Reply), found
    return heard.bodies[0], heard.headers[0]


def test_haiku_of_the_seed_sends_its_temperature_under_the_version_that_takes_it() -> None:
    body, headers = sent("anthropic", temperature=0.2)
    assert body["temperature"] == 0.2
    assert headers["anthropic-version"] == "2023-06-01"
    assert body["system"] == PROMPT["label"]
    assert body["messages"] == [{"role": "user", "content": "猫が好き"}]


def test_the_successor_sends_no_sampling_parameters_and_is_told_not_to_think() -> None:
    params = {"api-version": "2026-10-21", "thinking": "disabled"}
    body, headers = sent("anthropic", **params)
    assert body["thinking"] == {"type": "disabled"}
    assert headers["anthropic-version"] == "2026-10-21"
    assert not {"temperature", "top_p", "top_k"} & body.keys()


def test_a_temperature_under_todays_version_is_rejected() -> None:
    params = {"api-version": "2026-10-21", "temperature": 0.2}
    with fake() as (address, _):
        found = ask_one(teacher("anthropic", address, **params))
    assert isinstance(found, AttemptError)
    assert (found.outcome, found.status) == ("rejected", 400)
    assert "temperature" in found.what


def test_a_server_of_ones_own_gets_what_only_such_servers_know() -> None:
    params = {"temperature": 0.2, "min-p": 0.1, "top-k": 20, "thinking-off": "template", "seed": 7}
    body, _ = sent("openai", **params)
    assert (body["min_p"], body["top_k"], body["seed"]) == (0.1, 20, 7)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert [said["role"] for said in body["messages"]] == ["system", "user"]


def test_each_sample_has_a_seed_of_its_own() -> None:
    with fake() as (address, server):
        heard = Overheard(server)
        asked = teacher("openai", address, seed=7)
        for sample in range(3):
            ask_one(asked, request(sample=sample))
        heard.restore()
    assert [body["seed"] for body in heard.bodies] == [7, 8, 9]


@pytest.mark.parametrize(
    ("way", "key", "value"),
    [
        ("top-level", "enable_thinking", False),
        ("reasoning", "reasoning", {"enabled": False}),
        ("effort", "reasoning_effort", "none"),
    ],
)
def test_thinking_is_switched_off_as_the_server_wants_it(way: str, key: str, value: object) -> None:
    body, _ = sent("openai", **{"thinking-off": way})
    assert body[key] == value


def test_openrouter_is_told_whom_it_may_ask() -> None:
    provider = {"order": ["a/fp8"], "max-price": {"prompt": 0.2, "completion": 0.8}}
    body, _ = sent("openai", below="/api/v1", provider=provider)
    assert body["provider"] == {
        "order": ["a/fp8"],
        "max_price": {"prompt": 0.2, "completion": 0.8},
        "allow_fallbacks": False,
        "require_parameters": True,
        "enforce_distillable_text": True,
        "data_collection": "deny",
    }


def test_a_prompt_that_does_not_know_the_task_is_refused() -> None:
    with fake() as (address, _):
        asked = teacher("anthropic", address)
        with pytest.raises(UsageError, match="has no instructions for rewrite"):
            ask(asked, Request(task="rewrite", text="猫", prompt={"label": "絵文字だけ"}))


IDENTITY = {
    "model": "other",
    "base-url": "http://127.0.0.1:1",
    "temperature": 0.3,
    "api-version": "2025-01-01",
    "max-tokens": 99,
}


def key_of(*sets: str, sample: int = 0) -> str:
    registered = Registry(registry().start, sets=sets)
    part = Parts(registered, registered.start).teacher_part(Choice("claude-haiku-4-5"))
    asked = Request(task="label", text="猫", sample=sample, prompt=part.prompt)
    return request_key(part.identity, asked)


@pytest.mark.parametrize("name", IDENTITY)
def test_what_can_change_an_answer_changes_its_key(name: str) -> None:
    value = IDENTITY[name]
    told = f'"{value}"' if isinstance(value, str) else value
    assert key_of(f"teacher.claude-haiku-4-5.params.{name}={told}") != key_of()


def test_the_prompt_and_the_sample_are_in_the_key() -> None:
    assert key_of("prompt.seed-v3.label=別の指示") != key_of() != key_of(sample=1)


def test_machine_settings_are_not_in_the_key() -> None:
    at = "teacher.claude-haiku-4-5"
    sets = (f"{at}.env.timeout=5", f"{at}.env.key=MY_KEY", f"{at}.env.price=free")
    assert key_of(*sets, f"{at}.limits.concurrency=3") == key_of()


# Prices


def test_a_price_is_the_packaged_one_in_whole_nano_dollars(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = teacher("anthropic", "https://api.anthropic.com", key="k", model="claude-haiku-4-5")
    usage = Usage(input_tokens=1_000_000, output_tokens=1_000_000, cache_read_tokens=10)
    assert asked.price(usage) == 6_000_000_000 + 1000
    assert asked.price_in_batch(usage) == 3_000_000_000 + 500


def test_a_model_without_a_price_is_refused_with_the_way_to_state_one() -> None:
    with pytest.raises(NotReadyError, match=r"there is no price .* price = \{"):
        teacher("openai", "https://llm.example.org", key="k")


def test_a_stated_price_holds_and_this_machine_is_free_unless_priced() -> None:
    usage = Usage(input_tokens=1000, output_tokens=100)
    stated = {"price": {"input": 1.0, "output": 5.0}}
    local = "http://127.0.0.1:1"
    assert teacher("openai", local).price(usage) == 0
    assert teacher("openai", local, settings=stated).price(usage) == 1_500_000
    assert teacher("openai", "https://x.org", key="k", settings={"price": "free"}).price(usage) == 0


@pytest.mark.parametrize("price", ["cheap", {"input": 1}, {"input": -1, "output": 2}, 3])
def test_a_price_that_is_none_is_refused(price: object) -> None:
    with pytest.raises(UsageError, match="is not a price"):
        teacher("openai", "http://127.0.0.1:1", settings={"price": price})


def test_openrouters_highest_price_bounds_what_a_call_can_cost() -> None:
    provider = {"max-price": {"prompt": 0.2, "completion": 0.8}}
    asked = teacher("openai", "https://openrouter.ai/api", key="k", provider=provider)
    assert asked.price(Usage(input_tokens=1000, output_tokens=1000)) == 1_000_000


@pytest.mark.parametrize("name", ["anthropic", "openai"])
@pytest.mark.parametrize("text", ["猫が好き", "a" * 500, "😀👨‍👩‍👧" * 40, "漢字" * 50])
def test_no_answer_costs_more_than_its_worst_case(name: str, text: str) -> None:
    stated = {"price": {"input": 1.0, "output": 5.0}}
    with fake() as (address, _):
        asked = teacher(name, address, settings=stated, **{"max-tokens": 5})
        one = request(text)
        found = ask_one(asked, one)
    assert isinstance(found, Reply)
    assert found.usage is not None
    assert 0 < asked.price(found.usage) <= asked.worst_case(one)
    assert asked.worst_case_in_batch(one) <= asked.worst_case(one)


# Keys


def test_a_key_is_needed_but_at_this_machine() -> None:
    with pytest.raises(NotReadyError, match="ANTHROPIC_API_KEY"):
        teacher("anthropic", "https://api.anthropic.com", model="claude-haiku-4-5")
    assert teacher("anthropic", "http://localhost:1")


def test_an_entry_at_this_machine_is_ready_without_a_key_and_names_its_own_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    plain = Registry(registry().start)
    (why,) = plain.readiness(plain.entry("teacher", "qwen3-235b"))
    assert "OPENROUTER_API_KEY" in why
    set_at = "teacher.qwen3-235b.params.base-url=http://127.0.0.1:9/v1"
    local = Registry(registry().start, sets=[set_at])
    assert local.readiness(local.entry("teacher", "qwen3-235b")) == []


def test_a_key_for_claude_is_not_handed_to_a_server_on_this_machine() -> None:
    registered = Registry(
        registry().start,
        sets=["teacher.claude-haiku-4-5.params.base-url=http://127.0.0.1:9"],
    )
    assert registered.variables(registered.entry("teacher", "claude-haiku-4-5")) == ()


def test_a_connection_is_used_again_and_closed_with_its_loop(
    recwarn: pytest.WarningsRecorder,
) -> None:
    with fake() as (address, _):
        asked = teacher("openai", address)
        ask(asked, *[request(f"猫{n}") for n in range(8)])
        ask(asked, request("犬"))  # another loop, another client
    assert not [one for one in recwarn if issubclass(one.category, ResourceWarning)]


def test_faults_by_share_are_the_same_in_every_run() -> None:
    def outcomes() -> list[bool]:
        with fake(Fault(do="overloaded", share=0.4), seed=3) as (address, _):
            asked = teacher("anthropic", address)
            answers = ask(asked, *[request(f"文{n}") for n in range(30)])
        return [isinstance(one, AttemptError) for one in answers]

    first = outcomes()
    assert 4 < sum(first) < 20
    assert outcomes() == first
