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
    max_tokens: Annotated[int, Help("The longest answer, in tokens.", ge=1)] = 256
    temperature: (
        Annotated[float, Help("Sampling temperature; needs an older API version.", ge=0, le=1)]
        | None
    ) = None
    top_p: Annotated[float, Help("Nucleus sampling.", gt=0, le=1)] | None = None
    top_k: Annotated[int, Help("Sample among so many tokens.", ge=1)] | None = None
    thinking: Annotated[
        Literal["default", "disabled"], Help("`disabled` for a model that thinks by default.")
    ] = "default"


@dataclass(frozen=True, kw_only=True)
class ProviderParams:
    """Whom OpenRouter may pass a request on to; prices are USD per million tokens."""

    order: Annotated[tuple[str, ...], Help("Providers, the first that can serves.")] = ()
    allow_fallbacks: Annotated[bool, Help("Whether others may serve where these cannot.")] = False
    quantizations: Annotated[tuple[str, ...], Help("Precisions of the weights.")] = ()
    require_parameters: Annotated[bool, Help("Only providers that heed every parameter.")] = True
    enforce_distillable_text: Annotated[
        bool, Help("Only models whose terms let other models learn from their text.")
    ] = True
    data_collection: Annotated[Literal["allow", "deny"], Help("Whether prompts may be kept.")] = (
        "deny"
    )
    max_price: Annotated[
        dict[Literal["prompt", "completion"], float],
        Help("The dearest provider to take; it bounds what a call can cost."),
    ] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OpenAIParams:
    """Parameters of `openai`; every one enters the keys of answers."""

    model: Annotated[str, Help("The model's id, as the server names it.", min_length=1)]
    base_url: Annotated[str, Help("The address, with /v1.", pattern="^https?://")] = (
        "https://api.openai.com/v1"
    )
    max_tokens: Annotated[int, Help("The longest answer, in tokens.", ge=1)] = 256
    max_tokens_field: Annotated[
        Literal["max_tokens", "max_completion_tokens"], Help("How the server spells it.")
    ] = "max_tokens"
    temperature: Annotated[float, Help("Sampling temperature.", ge=0, le=2)] | None = None
    top_p: Annotated[float, Help("Nucleus sampling.", gt=0, le=1)] | None = None
    top_k: Annotated[int, Help("Sample among so many tokens.", ge=1)] | None = None
    min_p: (
        Annotated[float, Help("Drop tokens below this share of the likeliest.", ge=0, le=1)] | None
    ) = None
    seed: Annotated[int, Help("Sent with the number of the sample added to it.", ge=0)] | None = (
        None
    )
    thinking_off: Annotated[
        Literal["not-sent", "template", "top-level", "reasoning", "effort"],
        Help(
            "How this server switches thinking off: `template` vLLM, SGLang, llama.cpp; `top-level` "
            "DashScope; `reasoning` OpenRouter; `effort` OpenAI."
        ),
    ] = "not-sent"
    provider: Annotated[
        ProviderParams | None, Help("OpenRouter's choice of providers; None for other servers.")
    ] = None
    extra_body: Annotated[
        dict[str, Any], Help("Further keys of the request's body, such as `structured_outputs`.")
    ] = field(default_factory=dict)
