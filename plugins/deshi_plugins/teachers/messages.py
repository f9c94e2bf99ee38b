"""Anthropic's Messages API: from a request to a body, from a body to a reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from deshi.api import AttemptError, Json, RateLimit, Reply, Request, Usage
from deshi_plugins.teachers.failures import bad_body, error_from_status
from deshi_plugins.teachers.headers import rate_limits, request_id
from deshi_plugins.teachers.params_llm import AnthropicParams
from deshi_plugins.teachers.prompting import instructions


class _Usage(msgspec.Struct):
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Block(msgspec.Struct):
    type: str
    text: str | None = None


class _Message(msgspec.Struct):
    type: Literal["message"]
    content: list[_Block]
    model: str = ""
    stop_reason: str | None = None
    stop_details: dict[str, Any] | None = None
    usage: _Usage | None = None


_FINISH: Mapping[str | None, Literal["stop", "length", "refusal", "error"]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


def standard_body(params: AnthropicParams, request: Request) -> dict[str, Json]:
    """Return the part of a request's body that the SDK has arguments for."""
    return {
        "model": params.model,
        "max_tokens": params.max_tokens,
        "system": instructions(request),
        "messages": [{"role": "user", "content": request.text}],
        **({"thinking": {"type": "disabled"}} if params.thinking == "disabled" else {}),
    }


def sampling(params: AnthropicParams) -> dict[str, Json]:
    """Return the sampling parameters, for which the SDK of today has no arguments any more."""
    named = {"temperature": params.temperature, "top_p": params.top_p, "top_k": params.top_k}
    return {name: value for name, value in named.items() if value is not None}


def reply_of(content: bytes, headers: Mapping[str, str], secret: str) -> Reply:
    """Return the reply in the body of a response with status 200.

    Raises:
        AttemptError: the body is none of a message, or is an error after all.
    """
    try:
        message = msgspec.json.decode(content, type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = f"no message ({error})"
    else:
        return _reply(message, request_id(headers), rate_limits(headers))
    raise _no_message(what, content, headers, secret)


def reply_of_json(message: Json, name: str = "") -> Reply:
    """Return the reply of a message inside a batch's results.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return _reply(msgspec.convert(message, _Message), name, ())


def _no_message(what: str, content: bytes, headers: Mapping[str, str], secret: str) -> AttemptError:
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return bad_body(what, headers, content, secret)
    if isinstance(body, dict) and body.get("error"):
        return error_from_status(None, body, headers, secret)
    return bad_body(what, headers, content, secret)


def _reply(message: _Message, name: str, limits: tuple[RateLimit, ...]) -> Reply:
    text = "".join(block.text or "" for block in message.content if block.type == "text")
    finish: Any = _FINISH.get(message.stop_reason, "error")
    if finish == "stop" and not text.strip():
        finish = "empty"
    details = message.stop_details or {}
    meta = {
        "request-id": name,
        "stop-reason": message.stop_reason,
        **({"category": details.get("category")} if finish == "refusal" else {}),
    }
    if finish == "refusal" and not text:
        text = str(details.get("explanation") or "")
    return Reply(
        content=text,
        finish=finish,
        model=message.model,
        usage=_used(message.usage) if message.usage else None,
        meta=meta,
        limits=limits,
    )


def _used(usage: _Usage) -> Usage:
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_write_tokens=usage.cache_creation_input_tokens or 0,
        cache_read_tokens=usage.cache_read_input_tokens or 0,
    )
