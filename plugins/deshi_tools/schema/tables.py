"""JSON Schema of a table that a dataclass describes, its keys as TOML spells them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from deshi.api import Json
from deshi.registry.params import kebab

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of(cls: type[Any]) -> dict[str, Json]:
    """Return the schema of a dataclass; an unknown key is refused.

    Raises:
        TypeError: a field has a type that JSON has no form for.
    """
    (found,), definitions = msgspec.json.schema_components([cls], schema_hook=_other)
    inlined: dict[str, Json] = _inlined(found, definitions)
    return inlined


def table(properties: Mapping[str, Json], **more: Json) -> dict[str, Json]:
    """Return the schema of a table with these keys and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        **more,
    }


def named(content: Json, about: str) -> dict[str, Json]:
    """Return the schema of a table of tables, each under a name that the user chooses."""
    return {"type": "object", "description": about, "additionalProperties": content}


def _other(kind: type[Any]) -> dict[str, Json]:
    """Return the schema of a type that msgspec does not know; it takes this exception for none."""
    if kind is Path:
        return {"type": "string"}
    raise NotImplementedError


def _inlined(schema: Json, definitions: Mapping[str, Json]) -> Json:
    """Return the schema with its references replaced and its keys in kebab-case."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_inlined(definitions[name], definitions), **rest}
    found = {
        key: _inlined(value, definitions)
        for key, value in schema.items()
        if key not in ("title", "properties", "required")
    }
    if "properties" in schema:
        found["properties"] = {
            kebab(key): _inlined(value, definitions) for key, value in schema["properties"].items()
        }
        found["additionalProperties"] = False
    if schema.get("required"):
        found["required"] = [kebab(key) for key in schema["required"]]
    return found
