"""Chat completions of OpenAI-compatible servers: from a request to a body, from a body to a reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from deshi.api import AttemptError, Json, RateLimit, Reply, Request, Usage
from deshi_plugins.teachers.failures import bad_body, error_from_status
from deshi_plugins.teachers.headers import rate_limits, request_id
from deshi_plugins.teachers.params_llm import OpenAIParams, ProviderParams
from deshi_plugins.teachers.prompting import instructions
from deshi_plugins.teachers.thinking import without_thinking

_THINKING_OFF: Final[Mapping[str, Mapping[str, Json]]] = {
    "not-sent": {},
    "template": {"chat_template_kwargs": {"enable_thinking": False}},
    "top-level": {"enable_thinking": False},
    "reasoning": {"reasoning": {"enabled": False}},
    "effort": {"reasoning_effort": "none"},
}


class _Cached(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int = 0
    prompt_tokens_details: _Cached | None = None
    cost: float | None = None


class _Answer(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Answer
    finish_reason: str | None = None
    error: Any = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    error: Any = None
    model: str = ""
    id: str = ""
    provider: str | None = None
    usage: _Usage | None = None


def standard_body(params: OpenAIParams, request: Request) -> dict[str, Json]:
    """Return the part of a request's body that the SDK has arguments for."""
    named = {"temperature": params.temperature, "top_p": params.top_p}
    return {
        "model": params.model,
        "messages": [
            {"role": "system", "content": instructions(request)},
            {"role": "user", "content": request.text},
        ],
        params.max_tokens_field: params.max_tokens,
        **{name: value for name, value in named.items() if value is not None},
        **({"seed": params.seed + request.sample} if params.seed is not None else {}),
    }


def further_body(params: OpenAIParams) -> dict[str, Json]:
    """Return the part that only some servers know."""
    named = {"top_k": params.top_k, "min_p": params.min_p}
    return {
        **{name: value for name, value in named.items() if value is not None},
        **_THINKING_OFF[params.thinking_off],
        **({"provider": _provider(params.provider)} if params.provider else {}),
        **params.extra_body,
    }


def _provider(params: ProviderParams) -> dict[str, Json]:
    chosen = {
        "order": list(params.order),
        "quantizations": list(params.quantizations),
        "max_price": dict(params.max_price),
    }
    return {
        **{name: value for name, value in chosen.items() if value},
        "allow_fallbacks": params.allow_fallbacks,
        "require_parameters": params.require_parameters,
        "enforce_distillable_text": params.enforce_distillable_text,
        "data_collection": params.data_collection,
    }


def reply_of(content: bytes, headers: Mapping[str, str], secret: str) -> Reply:
    """Return the reply in the body of a response with status 200.

    Raises:
        AttemptError: the body is none of a completion, or is an error after all.
    """
    try:
        completion = msgspec.json.decode(content, type=_Completion)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = f"no completion ({error})"
    else:
        if completion.choices and not completion.error and not completion.choices[0].error:
            return _reply(completion, request_id(headers), rate_limits(headers))
        what = "a completion without a choice"
    raise _no_completion(what, content, headers, secret)


def _no_completion(
    what: str, content: bytes, headers: Mapping[str, str], secret: str
) -> AttemptError:
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return bad_body(what, headers, content, secret)
    choices = body.get("choices") if isinstance(body, dict) else None
    inside = choices[0] if isinstance(choices, list) and choices else None
    for holder in (body, inside):
        if isinstance(holder, dict) and holder.get("error"):
            return error_from_status(None, holder, headers, secret)
    return bad_body(what, headers, content, secret)


def _reply(completion: _Completion, name: str, limits: tuple[RateLimit, ...]) -> Reply:
    choice = completion.choices[0]
    text, unfinished = without_thinking(choice.message.content or "")
    finish = _finish(choice, text, unfinished=unfinished)
    if finish == "refusal":
        text = choice.message.refusal or text
    usage = completion.usage
    return Reply(
        content=text,
        finish=finish,
        model=completion.model,
        usage=_used(usage) if usage else None,
        cost=_charged(usage),
        meta={
            "request-id": name or completion.id,
            "finish-reason": choice.finish_reason,
            **({"provider": completion.provider} if completion.provider else {}),
        },
        limits=limits,
    )


def _finish(
    choice: _Choice, text: str, *, unfinished: bool
) -> Literal["stop", "length", "refusal", "empty", "error"]:
    """Return how an answer ended; separate reasoning of a server is ignored."""
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        return "refusal"
    if choice.finish_reason == "length" or unfinished:
        return "length"
    if choice.finish_reason in ("tool_calls", "function_call", "error"):
        return "error"
    return "stop" if text else "empty"


def _used(usage: _Usage) -> Usage:
    details = usage.prompt_tokens_details or _Cached()
    read, written = details.cached_tokens or 0, details.cache_write_tokens or 0
    return Usage(
        input_tokens=max(0, usage.prompt_tokens - read - written),
        output_tokens=usage.completion_tokens,
        cache_write_tokens=written,
        cache_read_tokens=read,
    )


def _charged(usage: _Usage | None) -> int | None:
    """Return the cost that OpenRouter reports, in nano-USD."""
    if usage is None or usage.cost is None or usage.cost < 0:
        return None
    return round(usage.cost * 1e9)
