"""Whatever a server sends is read as something: no string, header or body raises what nobody awaits."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from deshi.api import AttemptError, Reply, Usage
from deshi.labelling.joint_prompt import read_reply
from deshi_plugins.teachers import chat, messages
from deshi_plugins.teachers.failures import error_from_status
from deshi_plugins.teachers.headers import rate_limits, retry_after
from deshi_plugins.teachers.thinking import without_thinking

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-600, 600) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "choices", "message", "content", "type", "usage", "code", "metadata"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def ended(reply_of: Callable[..., Reply], content: bytes) -> str:
    """Return how an answer ended, or the outcome of the attempt."""
    try:
        return reply_of(content, {}, "k").finish
    except AttemptError as error:
        return error.outcome


BOTH = (chat.reply_of, messages.reply_of)


@given(body=JSON)
def test_any_json_is_a_reply_or_an_attempt_that_failed(body: object) -> None:
    content = json.dumps(body).encode()
    assert all(ended(reply_of, content) for reply_of in BOTH)


@example(b'"\x80"')
@example(b'{"\xff": 1}')
@given(content=st.binary(max_size=80))
def test_bytes_that_are_no_answer_are_a_bad_body(content: bytes) -> None:
    assert {ended(reply_of, content) for reply_of in BOTH} == {"bad-body"}


def completion(**choice: object) -> dict[str, object]:
    said = {"message": {"content": "🐱"}, "finish_reason": "stop"}
    return {"choices": [{**said, **choice}], "usage": {"prompt_tokens": 100}}


def test_tokens_read_from_a_cache_or_written_to_one_are_not_input_tokens_as_well() -> None:
    body = completion()
    details = {"cached_tokens": 30, "cache_write_tokens": 20}
    body["usage"] = {"prompt_tokens": 100, "completion_tokens": 4, "prompt_tokens_details": details}
    assert chat.reply_of(json.dumps(body).encode(), {}, "k").usage == Usage(
        input_tokens=50, output_tokens=4, cache_write_tokens=20, cache_read_tokens=30
    )


def test_a_choice_with_an_error_is_no_answer_even_where_it_has_a_text() -> None:
    plain, failed = completion(), completion(error={"code": 502, "message": "upstream is gone"})
    assert ended(chat.reply_of, json.dumps(plain).encode()) == "stop"
    assert ended(chat.reply_of, json.dumps(failed).encode()) == "server"


@given(status=st.integers(400, 599), body=JSON)
def test_any_error_has_an_outcome_and_a_short_message(status: int, body: object) -> None:
    found = error_from_status(status, body, {}, "secret-key")
    assert found.status == status
    assert len(found.what) <= 300
    assert "secret-key" not in found.what


@given(value=st.text(max_size=30) | st.floats().map(str))
def test_any_header_is_a_wait_or_none(value: str) -> None:
    names = [
        "retry-after",
        "retry-after-ms",
        "x-ratelimit-reset",
        "anthropic-ratelimit-requests-reset",
    ]
    headers = dict.fromkeys(names, value)
    headers |= {"x-ratelimit-limit": value, "x-ratelimit-remaining": value}
    wait = retry_after(headers)
    assert wait is None or wait >= 0
    assert all(limit.reset >= 0 for limit in rate_limits(headers))


@given(content=st.text(alphabet="<think>/ 猫😀", max_size=40))
def test_what_is_left_of_thoughts_has_none_and_stays_as_it_is(content: str) -> None:
    answer, unfinished = without_thinking(content)
    assert "</think>" not in answer
    assert "<think>" not in answer
    assert without_thinking(answer) == (answer, False)
    if "think>" not in content:
        assert (answer, unfinished) == (content.strip(), False)


@given(content=st.text(max_size=60) | JSON.map(lambda body: msgspec.json.encode(body).decode()))
def test_any_merged_answer_is_read_or_told_unreadable(content: str) -> None:
    for member in ("post", "emoji"):
        found = read_reply(Reply(content=content), "", member)
        assert found.finish == "stop" or found.meta["outcome"] in {"unreadable", "soft-refusal"}
