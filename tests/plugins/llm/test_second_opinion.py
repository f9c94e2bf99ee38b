"""A fake that others wrote judges the same: what is told, what is classified, how often is asked."""

from __future__ import annotations

from typing import Any

import pytest

from deshi.api import AttemptError, Reply
from fake import ask_one, teacher

BOTH = pytest.mark.parametrize("name", ["anthropic", "openai"])


def asking(llmock: Any, name: str) -> Any:
    return (
        teacher(name, llmock.base_url(name), below="")
        if name == "openai"
        else teacher(name, llmock.base_url(name))
    )


@BOTH
def test_an_answer_is_read(llmock: Any, name: str) -> None:
    llmock.reply("🐱 😊")
    found = ask_one(asking(llmock, name))
    assert isinstance(found, Reply)
    assert (found.content, found.finish) == ("🐱 😊", "stop")
    assert found.usage is not None
    assert found.usage.output_tokens > 0


@BOTH
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "rejected"),
        (401, "denied"),
        (403, "denied"),
        (404, "denied"),
        (429, "throttled"),
        (500, "server"),
        (502, "server"),
        (503, "overloaded"),
        (504, "timeout"),
        (529, "overloaded"),
    ],
)
def test_a_status_is_classified_and_asked_once(
    llmock: Any, name: str, status: int, outcome: str
) -> None:
    llmock.fail(status, times=None)
    found = ask_one(asking(llmock, name))
    assert isinstance(found, AttemptError)
    assert (found.outcome, found.status) == (outcome, status)
    assert len(llmock.requests) == 1


@BOTH
def test_the_wait_of_a_refusal_is_told(llmock: Any, name: str) -> None:
    llmock.rate_limit(times=1, retry_after=2.0)
    found = ask_one(asking(llmock, name))
    assert isinstance(found, AttemptError)
    assert found.retry_after == pytest.approx(2.0, abs=0.6)


@BOTH
def test_its_quotas_are_read_from_its_headers(llmock: Any, name: str) -> None:
    llmock.limits(rpm=2)
    asked = asking(llmock, name)
    answers = [ask_one(asked) for _ in range(3)]
    first, last = answers[0], answers[2]
    assert isinstance(first, Reply)
    assert isinstance(last, AttemptError)
    (requests,) = (limit for limit in first.limits if limit.bucket == "requests")
    assert (requests.limit, requests.remaining) == (2, 1)
    assert last.outcome == "throttled"
    assert last.retry_after is not None
    assert last.retry_after > 0
