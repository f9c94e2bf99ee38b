"""What a request's body and headers must be like, so that a client's mistake is an error here too."""

from __future__ import annotations

from collections.abc import Mapping

from deshi.api import Json
from deshi_tools.fakeserver.bodies import ChatShape, MessagesShape, shape_fault, text_of


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MESSAGES = _keys(
    "model max_tokens messages system metadata stop_sequences stream temperature top_p top_k thinking"
    " tools tool_choice service_tier output_config container inference_geo cache_control diagnostics"
    " speed prefill"
)
_COUNTED = _keys("model messages system thinking tools tool_choice output_config")
_CHAT = _keys(
    "model messages audio frequency_penalty function_call functions logit_bias logprobs"
    " max_completion_tokens max_tokens metadata modalities moderation n parallel_tool_calls prediction"
    " presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort"
    " response_format safety_identifier seed service_tier stop store stream stream_options temperature"
    " tool_choice tools top_logprobs top_p user verbosity web_search_options"
)
_SERVERS = _keys(
    "top_k min_p repetition_penalty chat_template_kwargs enable_thinking structured_outputs regex ebnf"
    " grammar json_schema provider reasoning models transforms usage"
)
"""What vLLM, SGLang, llama.cpp and OpenRouter take beside OpenAI's own keys."""
_SAMPLING = ("temperature", "top_p", "top_k")
NO_SAMPLING_SINCE = "2026-10-21"
"""The first version of the Messages API that takes no sampling parameters."""


def messages_fault(body: Mapping[str, Json], version: str, *, counting: bool = False) -> str:
    """Return what is wrong with a request to the Messages API; empty if nothing is."""
    if not version:
        return "anthropic-version: header is required"
    allowed = _COUNTED if counting else _MESSAGES
    if unknown := sorted(body.keys() - allowed):
        return f"{unknown[0]}: Extra inputs are not permitted"
    for name in ("model", "messages", *(() if counting else ("max_tokens",))):
        if not body.get(name):
            return f"{name}: Field required"
    if version >= NO_SAMPLING_SINCE and (named := [n for n in _SAMPLING if n in body]):
        return f"{named[0]}: not supported in this API version"
    if wrong := shape_fault(body, MessagesShape):
        return wrong
    if any(not sequence.strip() for sequence in body.get("stop_sequences", ())):
        return "stop_sequences: each stop sequence must contain non-whitespace"
    return _said(body["messages"])


def chat_fault(body: Mapping[str, Json]) -> str:
    """Return what is wrong with a request for a chat completion; empty if nothing is."""
    if unknown := sorted(body.keys() - _CHAT - _SERVERS):
        return f"Unrecognized request argument supplied: {unknown[0]}"
    for name in ("model", "messages"):
        if not body.get(name):
            return f"Missing required parameter: '{name}'"
    if body.get("stream"):
        return "this server does not stream"
    return shape_fault(body, ChatShape) or _said(body["messages"])


def _said(messages: Json) -> str:
    if any(not text_of(message.get("content")).strip() for message in messages):
        return "messages: text content blocks must contain non-whitespace text"
    return ""


def key_of(headers: Mapping[str, str]) -> str:
    """Return the key that came with a request, in either header; empty if there is none."""
    bearer = headers.get("Authorization", "")
    return headers.get("X-Api-Key") or bearer.removeprefix("Bearer ").strip()
