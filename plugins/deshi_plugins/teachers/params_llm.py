"""Parameters of the teachers that are language models behind an API: light to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class AnthropicParams:
    """Parameters of `anthropic`; every one enters the keys of answers."""

    model: Annotated[str, Help("The model's id.", min_length=1)]
    base_url: Annotated[str, Help("The address, without /v1.", pattern="^https?://")] = (
        "https://api.anthropic.com"
    )
    api_version: Annotated[
        str, Help("The API's version; from 2026-10-21 on it takes no sampling parameters.")
    ] = "2026-10-21"
    max_tokens: Annotated[int, Help("Maximum length of an answer, in tokens.", ge=1)] = 256
    temperature: (
        Annotated[float, Help("Sampling temperature; needs an older API version.", ge=0, le=1)]
        | None
    ) = None
    top_p: Annotated[float, Help("Nucleus sampling.", gt=0, le=1)] | None = None
    top_k: Annotated[int, Help("Top-k sampling.", ge=1)] | None = None
    thinking: Annotated[
        Literal["default", "disabled"],
        Help("`disabled` switches thinking off for a model that thinks by default."),
    ] = "default"


@dataclass(frozen=True, kw_only=True)
class ProviderParams:
    """OpenRouter's choice of providers; prices are USD per million tokens."""

    order: Annotated[tuple[str, ...], Help("Providers in order of preference.")] = ()
    allow_fallbacks: Annotated[bool, Help("Whether other providers may serve.")] = False
    quantizations: Annotated[tuple[str, ...], Help("Precisions of the weights.")] = ()
    require_parameters: Annotated[bool, Help("Only providers that support every parameter.")] = True
    enforce_distillable_text: Annotated[
        bool, Help("Only models whose terms allow knowledge distillation from their text.")
    ] = True
    data_collection: Annotated[
        Literal["allow", "deny"], Help("Whether providers may store prompts.")
    ] = "deny"
    max_price: Annotated[
        dict[Literal["prompt", "completion"], float],
        Help("Maximum price of a provider; it bounds the cost of a call."),
    ] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OpenAIParams:
    """Parameters of `openai`; every one enters the keys of answers."""

    model: Annotated[str, Help("The model's id, as the server names it.", min_length=1)]
    base_url: Annotated[str, Help("The address, with /v1.", pattern="^https?://")] = (
        "https://api.openai.com/v1"
    )
    max_tokens: Annotated[int, Help("Maximum length of an answer, in tokens.", ge=1)] = 256
    max_tokens_field: Annotated[
        Literal["max_tokens", "max_completion_tokens"], Help("Name of the field on this server.")
    ] = "max_tokens"
    temperature: Annotated[float, Help("Sampling temperature.", ge=0, le=2)] | None = None
    top_p: Annotated[float, Help("Nucleus sampling.", gt=0, le=1)] | None = None
    top_k: Annotated[int, Help("Top-k sampling.", ge=1)] | None = None
    min_p: (
        Annotated[float, Help("Drop tokens below this share of the most probable one.", ge=0, le=1)]
        | None
    ) = None
    seed: Annotated[int, Help("Sent with the sample's number added.", ge=0)] | None = None
    thinking_off: Annotated[
        Literal["not-sent", "template", "top-level", "reasoning", "effort"],
        Help(
            "How to disable thinking on this server: `template` vLLM, SGLang, llama.cpp; `top-level` "
            "DashScope; `reasoning` OpenRouter; `effort` OpenAI."
        ),
    ] = "not-sent"
    provider: Annotated[
        ProviderParams | None, Help("OpenRouter's choice of providers; None for other servers.")
    ] = None
    extra_body: Annotated[
        dict[str, Any], Help("Further keys of the request's body, such as `structured_outputs`.")
    ] = field(default_factory=dict)
