"""The fake server's limits, scripts and books."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import AttemptError, Reply, Request, UsageError
from deshi_tools.fakeserver.books import read_books
from deshi_tools.fakeserver.buckets import Bucket
from deshi_tools.fakeserver.faults import Fault, read_faults
from fake import ask, ask_one, fake, registry, request, teacher

ROOT = Path(__file__).parents[2]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    limit=st.integers(1, 5000),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(0, 50)), max_size=60),
)
def test_a_bucket_gives_no_more_than_it_held_and_was_refilled(
    limit: int, steps: list[tuple[float, int]]
) -> None:
    clock = Clock()
    bucket = Bucket(limit, clock)
    taken = 0
    for passed, amount in steps:
        clock.now += passed
        if bucket.wait_for(amount) == 0 and amount <= limit:
            bucket.take(amount)
            taken += amount
        assert -1e-6 <= bucket.level <= limit
        assert taken <= limit + clock.now * limit / 60 + 1e-6


def test_after_the_wait_that_it_told_a_bucket_gives() -> None:
    clock = Clock()
    bucket = Bucket(60, clock)
    bucket.take(60)
    wait = bucket.wait_for(3)
    assert wait == pytest.approx(3.0)
    clock.now += wait + 1e-9
    assert bucket.wait_for(3) == 0


def test_what_an_answer_did_not_use_of_its_longest_goes_back_into_the_bucket() -> None:
    with fake(otpm=1000) as (address, server):
        ask_one(teacher("anthropic", address, **{"max-tokens": 900}))
        level = server.exchange.limits.buckets["output-tokens"].level
    assert level > 980


def test_more_at_once_than_may_be_under_way_is_throttled() -> None:
    with fake(at_most=2, latency=0.3) as (address, _):
        found = ask(teacher("openai", address), *[request(f"猫{n}") for n in range(5)])
    outcomes = [one.outcome for one in found if isinstance(one, AttemptError)]
    assert outcomes == ["throttled"] * 3


def test_the_books_tell_received_billed_and_completed_apart() -> None:
    faults = [Fault(do="throttled", text="一"), Fault(do="truncated", text="二")]
    with fake(*faults, price=(1000, 5000)) as (address, server):
        ask(teacher("anthropic", address), *[request(text) for text in ("一", "二", "三")])
        totals = server.books.totals()
    assert (totals["received"], totals["billed"], totals["completed"]) == (3, 2, 1)
    assert totals["cost"] == totals["input_tokens"] * 1000 + totals["output_tokens"] * 5000


def test_the_same_question_again_is_another_sample_and_with_steady_the_same() -> None:
    asked = request("寿司とラーメンを食べて映画を見た！")

    def answers(*, steady: bool) -> list[str]:
        with fake(steady=steady) as (address, _):
            one = teacher("openai", address)
            return [
                found.content for _ in range(5) if isinstance(found := ask_one(one, asked), Reply)
            ]

    assert len(set(answers(steady=True))) == 1
    assert len(set(varied := answers(steady=False))) > 1
    assert answers(steady=False) == varied


def test_each_task_is_known_by_the_registrys_prompts() -> None:
    text = "東京は日本の首都である。"
    asked = [("rewrite", "seed-v3"), ("label", "seed-v1"), ("label", "merged")]
    with fake() as (address, _):
        one = teacher("anthropic", address)
        prompts = [(task, registry().prompt(name)) for task, name in asked]
        requests: Any = [Request(task=task, text=text, prompt=p) for task, p in prompts]  # type: ignore[arg-type]
        rewritten, labelled, merged = (ask_one(one, request).content for request in requests)  # type: ignore[union-attr]
    assert rewritten != text
    assert "東京" in rewritten
    assert "東京" not in labelled
    assert labelled
    assert json.loads(merged)["post"] == rewritten
    assert json.loads(merged)["emoji"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[fault]]\ndo = 'throtled'", "did you mean 'throttled'"),
        ("[[fault]]\ndo = 'empty'\nshares = 1", "did you mean 'share'"),
        ("[[fault", "cannot be read"),
        ("[[fault]]\ndo = 'slow'\nseconds = 'x'", "fault 1: Expected `float`"),
        ("fault = 3", "is no list of tables"),
    ],
)
def test_a_script_that_is_wrong_is_told_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        read_faults(path)


def test_a_script_is_read_with_its_keys_in_kebab_case(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('[[fault]]\ndo = "throttled"\nretry-after = "2"\nshare = 0.05\n')
    assert read_faults(path) == (Fault(do="throttled", retry_after="2", share=0.05),)


def start(*words: str) -> tuple[subprocess.Popen[str], str]:
    """Start `deshi fake-server` and return it with its address."""
    command = [sys.executable, "-m", "deshi", "fake-server", "--port", "0", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_the_command_serves_until_it_is_interrupted_and_its_books_survive_a_kill(
    tmp_path: Path,
) -> None:
    books = tmp_path / "books.jsonl"
    for number, expected in ((signal.SIGKILL, 1), (signal.SIGINT, 2)):
        process, address = start("--books", str(books), "--price", "1", "5")
        found = ask_one(teacher("anthropic", address))
        os.kill(process.pid, number)
        process.wait(timeout=20)
        assert isinstance(found, Reply)
        totals = read_books(books).totals()
        assert totals["completed"] == expected
    assert process.returncode == 130
    assert totals["cost"] == totals["input_tokens"] * 1000 + totals["output_tokens"] * 5000


def test_it_serves_this_machine_alone(project: Any) -> None:
    ran = project.deshi("fake-server", "--host", "0.0.0.0", "--port", "0")
    assert ran.status == 2
    assert "no address of this machine alone" in ran.err


def test_it_has_no_address_that_tells_its_secrets() -> None:
    with fake() as (address, _):
        assert httpx2.get(f"{address}/").status_code == 404
