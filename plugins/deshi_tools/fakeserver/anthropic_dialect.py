"""Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from deshi.api import Json
from deshi_tools.fakeserver.bodies import text_of
from deshi_tools.fakeserver.buckets import Limits
from deshi_tools.fakeserver.dialect import HTML, REFUSAL_TEXT, Refused, with_thinking
from deshi_tools.fakeserver.reply import Answer, Question, Voice
from deshi_tools.fakeserver.rules import messages_fault

_KINDS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_OWN_LIMIT = (
    "You have reached your specified API usage limits. You will regain access on 2026-12-01."
)
_ERRORS: Final[Mapping[str, tuple[int, str, str]]] = {
    "throttled": (429, "This request would exceed your rate limit of requests per minute.", ""),
    "spend-limit": (429, "Your monthly spend limit is reached.", "enforced_spend_limit_reached"),
    "own-spend-limit": (400, _OWN_LIMIT, ""),
    "ramp-limit": (429, "Your usage grows too fast.", "ramp_limit_exceeded"),
    "in-flight-budget": (402, "There is an issue with your billing.", ""),
    "no-credit": (402, "There is an issue with your billing.", ""),
    "overloaded": (529, "Overloaded", ""),
    "server-error": (500, "Internal server error", ""),
    "gateway-timeout": (504, "The request took too long.", ""),
    "unauthorised": (401, "invalid x-api-key", ""),
    "forbidden": (403, "Your API key may not use the specified resource.", ""),
    "flagged": (403, "The request was flagged by moderation.", ""),
    "unknown-model": (404, "model: unknown", ""),
    "bad-request": (400, "messages: something is wrong", ""),
    "too-large": (413, "Request exceeds the maximum size", ""),
}


class AnthropicDialect:
    """Says what the Messages API says."""

    voice: Voice = "lexicon"
    id_header = "request-id"

    def wrong(self, body: Mapping[str, Json], headers: Mapping[str, str]) -> str:
        """Return what is wrong with a request."""
        return messages_fault(body, headers.get("anthropic-version", ""))

    def question(self, body: Mapping[str, Json]) -> Question:
        """Return what a request asks."""
        return Question(
            model=body["model"],
            system=text_of(body.get("system") or ""),
            text=text_of(body["messages"][-1]["content"]),
            max_tokens=int(body.get("max_tokens", 1)),
        )

    def message(self, question: Question, answer: Answer, name: str, cost: int) -> dict[str, Any]:  # noqa: ARG002
        """Return a message."""
        return {
            "id": f"msg_{name}",
            "type": "message",
            "role": "assistant",
            "model": question.model,
            "content": [{"type": "text", "text": answer.text}],
            "stop_reason": "end_turn" if answer.finish == "stop" else "max_tokens",
            "stop_sequence": None,
            "stop_details": None,
            "usage": {
                "input_tokens": answer.input_tokens,
                "output_tokens": answer.output_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "service_tier": "standard",
            },
        }

    def misbehaved(self, message: dict[str, Any], do: str) -> Json:
        """Return a message as a behaviour spoils it."""
        if do in ("thinking", "thinking-tail", "thinking-unclosed"):
            message["content"][0]["text"] = with_thinking(message["content"][0]["text"], do)
        elif do == "soft-refusal":
            message["content"][0]["text"] = REFUSAL_TEXT
        elif do == "refusal":
            details = {"type": "refusal", "category": "frontier_llm", "explanation": None}
            message.update(content=[], stop_reason="refusal", stop_details=details)
        elif do == "cut-answer":
            message["stop_reason"] = "max_tokens"
        elif do == "null-content":
            message["content"] = None
        elif do in ("empty", "no-choices"):
            message["content"] = []
        elif do in ("no-usage", "choices-missing"):
            del message["usage" if do == "no-usage" else "content"]
        return message

    def refused(self, do: str) -> Refused | None:
        """Return the error of a behaviour."""
        if do in ("bad-gateway", "unavailable"):
            return Refused(502 if do == "bad-gateway" else 503, HTML)
        if do == "error-in-200":
            return Refused(200, _envelope(500, "Internal server error"))
        if do not in _ERRORS:
            return None
        status, message, code = _ERRORS[do]
        return Refused(status, _envelope(status, message, code))

    def error(self, status: int, message: str) -> Refused:
        """Return an error that the server finds."""
        return Refused(status, _envelope(status, message))

    def limit_headers(self, limits: Limits) -> Mapping[str, str]:
        """Return the headers of the buckets."""
        return limits.anthropic_headers()


def _envelope(status: int, message: str, code: str = "") -> dict[str, Any]:
    error: dict[str, Any] = {"type": _KINDS[status], "message": message}
    if code:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": "req_fake"}
