"""The built-in teachers that are language models, or stand in for one, or unite several."""

from __future__ import annotations

from deshi.api import Needs, Task, TeacherSpec, Terms

_BOTH: frozenset[Task] = frozenset({"rewrite", "label"})
_PAID = frozenset({"estimates-cost", "batches"})


_ANTHROPIC = TeacherSpec(
    name="anthropic",
    target="deshi_plugins.teachers.anthropic_teacher:Anthropic",
    params="deshi_plugins.teachers.params_llm:AnthropicParams",
    summary="Claude through Anthropic's Messages API.",
    tasks=_BOTH,
    needs=Needs(
        extras=("llm",),
        modules=("anthropic", "aiohttp"),
        environment=("ANTHROPIC_API_KEY",),
        network=True,
    ),
    capabilities=_PAID,
    endpoint="base-url",
    # They forbid to train competing models with the service, without saying what competes.
    terms=Terms(
        licence="Anthropic Commercial Terms of Service",
        source="https://www.anthropic.com/legal/commercial-terms",
        as_of="2026-11-25",
        train_models="ask",
        redistribute="ask",
    ),
)
_OPENAI = TeacherSpec(
    name="openai",
    target="deshi_plugins.teachers.openai_teacher:OpenAI",
    params="deshi_plugins.teachers.params_llm:OpenAIParams",
    summary="Any server with OpenAI's chat completions: OpenRouter, vLLM, SGLang, llama.cpp.",
    tasks=_BOTH,
    needs=Needs(
        extras=("llm",),
        modules=("openai", "aiohttp"),
        environment=("OPENAI_API_KEY",),
        network=True,
    ),
    capabilities=_PAID,
    endpoint="base-url",
    terms=Terms(
        licence="that of the server's operator and of the model: state it in the entry",
        train_models="ask",
        redistribute="ask",
    ),
)


_LOCAL = TeacherSpec(
    name="local",
    target="deshi_plugins.teachers.local:Local",
    params="deshi_plugins.teachers.params_local:LocalParams",
    summary="A causal language model on this machine or its GPU, through transformers, in batches.",
    tasks=_BOTH,
    needs=Needs(extras=("transformers",), modules=("torch", "transformers")),
    capabilities=frozenset({"answers-many"}),
    terms=Terms(
        licence="that of the model: state it in the entry", train_models="ask", redistribute="ask"
    ),
)

_REPLAY = TeacherSpec(
    name="replay",
    target="deshi_plugins.teachers.replay:Replay",
    params="deshi_plugins.teachers.params_local:ReplayParams",
    summary="Answers from a file or a data set, such as published or human labels.",
    tasks=frozenset({"rewrite", "label"}),
    terms=Terms(
        licence="that of the answers: state it in the entry",
        train_models="ask",
        redistribute="ask",
    ),
)
_UNION = TeacherSpec(
    name="union",
    target="deshi_plugins.teachers.union:Union",
    params="deshi_plugins.teachers.params_local:UnionParams",
    summary="Several teachers' labels, merged by weight.",
    tasks=frozenset({"label"}),
    capabilities=frozenset({"merges-answers"}),
    combines="weights",
    terms=Terms(licence="those of its members"),
)


def llm_specs() -> tuple[TeacherSpec, ...]:
    """Return the specs of the language models, and of what stands in for one or unites several."""
    return (_ANTHROPIC, _OPENAI, _LOCAL, _REPLAY, _UNION)
