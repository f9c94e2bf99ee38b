"""Chat completions, as OpenAI and, with `router`, OpenRouter speak them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from deshi.api import Json
from deshi_tools.fakeserver.bodies import text_of
from deshi_tools.fakeserver.buckets import Limits
from deshi_tools.fakeserver.dialect import HTML, REFUSAL_TEXT, Refused, with_thinking
from deshi_tools.fakeserver.reply import Answer, Question, Voice
from deshi_tools.fakeserver.rules import chat_fault

_ERRORS: Final[Mapping[str, tuple[int, str, str, str]]] = {
    "throttled": (429, "Rate limit reached", "requests", "rate_limit_exceeded"),
    "spend-limit": (429, "You exceeded your quota", "insufficient_quota", "insufficient_quota"),
    "own-spend-limit": (400, "Billing hard limit", "billing", "billing_hard_limit_reached"),
    "ramp-limit": (429, "Request rate increased too quickly", "limit", "limit_burst_rate"),
    "overloaded": (503, "The server is overloaded", "server_error", "overloaded"),
    "server-error": (500, "The server had an error", "server_error", "server_error"),
    "gateway-timeout": (504, "The upstream timed out", "server_error", "timeout"),
    "unauthorised": (401, "Incorrect API key", "invalid_request_error", "invalid_api_key"),
    "forbidden": (403, "Not allowed here", "permission", "unsupported_country"),
    "unknown-model": (404, "The model does not exist", "invalid_request_error", "model_not_found"),
    "bad-request": (400, "Something is wrong", "invalid_request_error", "invalid_value"),
    "too-large": (413, "The request is too large", "invalid_request_error", "too_large"),
}
_ROUTED: Final[Mapping[str, tuple[int, str, Mapping[str, Json]]]] = {
    "in-flight-budget": (
        402,
        "The requests under way fill your budget",
        {
            "limit_source": "openrouter_in_flight_budget",
            "error_type": "in_flight_budget_exhausted",
        },
    ),
    "no-credit": (
        402,
        "Insufficient credits",
        {"limit_source": "openrouter_credits", "error_type": "payment_required"},
    ),
    "flagged": (403, "Your input was flagged", {"reasons": ["violence"], "flagged_input": "…"}),
}


class OpenAIDialect:
    """Says what chat completions say; a router adds provider and cost, and tells no limits."""

    voice: Voice = "lexicon-faces"
    id_header = "x-request-id"

    def __init__(self, *, router: bool = False) -> None:
        self._router = router

    def wrong(self, body: Mapping[str, Json], headers: Mapping[str, str]) -> str:  # noqa: ARG002
        """Return what is wrong with a request."""
        return chat_fault(body)

    def question(self, body: Mapping[str, Json]) -> Question:
        """Return what a request asks."""
        said = body["messages"]
        longest = body.get("max_completion_tokens") or body.get("max_tokens") or 4096
        return Question(
            model=body["model"],
            system="\n".join(text_of(m.get("content")) for m in said if m.get("role") == "system"),
            text=text_of(said[-1].get("content")),
            max_tokens=int(longest),
            seed=body.get("seed"),
        )

    def message(self, question: Question, answer: Answer, name: str, cost: int) -> dict[str, Any]:
        """Return a completion."""
        usage: dict[str, Any] = {
            "prompt_tokens": answer.input_tokens,
            "completion_tokens": answer.output_tokens,
            "total_tokens": answer.input_tokens + answer.output_tokens,
        }
        if self._router:
            usage["cost"] = cost / 1e9
        said = {"role": "assistant", "content": answer.text, "refusal": None}
        return {
            "id": f"chatcmpl-{name}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": question.model,
            **({"provider": "Fake"} if self._router else {}),
            "choices": [
                {"index": 0, "message": said, "finish_reason": answer.finish, "logprobs": None}
            ],
            "usage": usage,
        }

    def misbehaved(self, message: dict[str, Any], do: str) -> Json:
        """Return a completion as a behaviour spoils it."""
        choice = message["choices"][0]
        said = choice["message"]
        if do in ("thinking", "thinking-tail", "thinking-unclosed"):
            said["content"] = with_thinking(said["content"], do)
        elif do == "soft-refusal":
            said["content"] = REFUSAL_TEXT
        elif do == "refusal":
            said.update(content="", refusal="I can't help with that.")
        elif do == "cut-answer":
            choice["finish_reason"] = "length"
        elif do == "null-content":
            said.update(content=None, reasoning="😀 か 🎉 か迷う。", reasoning_content="😀")
        elif do == "empty":
            said["content"] = ""
        elif do == "no-choices":
            message["choices"] = []
        elif do in ("no-usage", "choices-missing"):
            del message["usage" if do == "no-usage" else "choices"]
        return message

    def refused(self, do: str) -> Refused | None:
        """Return the error of a behaviour."""
        if do in ("bad-gateway", "unavailable"):
            return Refused(502 if do == "bad-gateway" else 503, HTML)
        if do == "error-in-200":
            failed = {"provider_name": "Fake", "error_type": "provider_unavailable"}
            return Refused(200, _routed(502, "Provider returned error", failed))
        if do in _ROUTED:
            status, message, metadata = _ROUTED[do]
            wait = {"Retry-After": "1"} if do == "in-flight-budget" else {}
            return Refused(status, _routed(status, message, metadata), wait)
        if do not in _ERRORS:
            return None
        status, message, kind, code = _ERRORS[do]
        return Refused(status, _envelope(message, kind, code))

    def error(self, status: int, message: str) -> Refused:
        """Return an error that the server finds."""
        if status == 429:
            return Refused(status, _envelope(message, "requests", "rate_limit_exceeded"))
        return Refused(status, _envelope(message, "invalid_request_error", None))

    def limit_headers(self, limits: Limits) -> Mapping[str, str]:
        """Return the headers of the buckets."""
        return {} if self._router else limits.openai_headers()


def _envelope(message: str, kind: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _routed(status: int, message: str, metadata: Mapping[str, Json]) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "metadata": dict(metadata)}}
