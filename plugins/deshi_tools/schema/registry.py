"""The schema of registry.toml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deshi.api import KINDS, DeshiError, Json, Kind
from deshi_tools.schema.tables import DRAFT, named, schema_of, table

if TYPE_CHECKING:
    from deshi.registry import Registry

_STRING: Json = {"type": "string"}
_STRINGS: Json = {"type": "array", "items": _STRING}
_TABLE: Json = {"type": "object"}
_ABOUT = {
    "use": "The component: a bare name of deshi's own, or plugin/name.",
    "about": "One line for `deshi list`.",
    "params": "What can change results, and so is part of every key.",
    "env": "The machine: device, threads, inference-batch, concurrency. No part of a key.",
    "limits": "What a paid teacher may use: requests-per-minute, tokens-per-minute, usd.",
    "prompt": "A [prompt.NAME].",
    "enabled": "false removes an entry of a weaker layer.",
    "terms": "Terms of use, where they differ from the component's.",
}


def registry_schema(registry: Registry) -> dict[str, Json]:
    """Return the JSON Schema of registry.toml, with the parameters of all installed components."""
    prompt = {
        "type": "object",
        "properties": {"rewrite": _STRING, "label": _STRING, "merged": _STRING, "ban": _STRINGS},
    }
    chain = table({"source": _STRINGS, "rewritten": _STRINGS, "labelled": _STRINGS})
    plugins = table({"disabled": _STRINGS, "local": _STRINGS})
    return {
        "$schema": DRAFT,
        "title": "deshi registry.toml",
        **table(
            {
                **{kind: named(_entry(registry, kind), f"Each {kind}.") for kind in KINDS},
                "prompt": named(prompt, "The prompts of teachers."),
                "chain": named(chain, "Filters by place, in their order."),
                "plugins": {
                    **plugins,
                    "description": "Which plugins are loaded, and which are not.",
                },
                "deshi": _TABLE,
            }
        ),
    }


def _entry(registry: Registry, kind: Kind) -> dict[str, Json]:
    keys = {
        "use": _STRING,
        "about": _STRING,
        "params": _TABLE,
        "env": _TABLE,
        "limits": _TABLE,
        "prompt": _STRING,
        "enabled": {"type": "boolean"},
    }
    if kind in ("corpus", "teacher"):
        keys["terms"] = _TABLE
    described = {key: {**schema, "description": _ABOUT[key]} for key, schema in keys.items()}
    return table(described, allOf=list(_by_component(registry, kind)))


def _by_component(registry: Registry, kind: Kind) -> Iterator[Json]:
    """Yield, for each component, what its parameters are where an entry uses it.

    Parameters that a component requires may come from another layer, so that none is required here.
    """
    for offer in registry.catalog.offers(kind):
        try:
            cls = offer.params_class()
            params = schema_of(cls)
        except (DeshiError, TypeError, NotImplementedError):
            continue  # what is not installed, or has no form in JSON, is not checked
        params.pop("required", None)
        yield {
            "if": {"properties": {"use": {"const": offer.id}}, "required": ["use"]},
            "then": {"properties": {"params": params}},
        }
