"""The schema of a benchmark file."""

from __future__ import annotations

from deshi.api import Json
from deshi.benchmark.axes import REQUIRED, SIZES
from deshi.benchmark.file import REQUIRED_TABLES
from deshi.benchmark.settings import Abandon, Settings
from deshi.results import AXES
from deshi_tools.comparison_table.published import Published
from deshi_tools.migration.planned import Accept
from deshi_tools.schema.tables import DRAFT, schema_of, table

_AXIS_HELP = {
    "corpus": "Where the texts come from.",
    "chain": "The filters: a [chain.NAME] of registry.toml.",
    "rewriter": "Who rewrites the texts: `own`, `none`, or a teacher.",
    "teacher": "The teacher that labels.",
    "train": "Training pairs; a list is a learning curve.",
    "student": "The model that learns.",
    "loss": "What training minimises.",
    "gold": "What rows are evaluated against: `own`, a teacher, or `reference`.",
}


def benchmark_schema() -> dict[str, Json]:
    """Return the JSON Schema of benchmark files."""
    settings = schema_of(Settings)
    settings["required"] = [key for key in settings["required"] if key != SIZES]  # may be an axis
    matrix = table({axis: _axis(axis) for axis in AXES}, required=list(REQUIRED))
    loose = [{k: v for k, v in one.items() if k != "required"} for one in (settings, matrix)]
    scale = table(dict(zip(REQUIRED_TABLES, loose, strict=True)))
    return {
        "$schema": DRAFT,
        "title": "deshi benchmark file",
        **table(
            {
                "benchmark": {**settings, "description": "Sizes, seeds, metrics."},
                "matrix": {**matrix, "description": "A list is an axis."},
                "migration": _migration(),
                "permit": {
                    "type": "object",
                    "description": "Why an entry whose terms say ask or deny may be used.",
                    "additionalProperties": {"type": "string", "pattern": r"\S"},
                },
                "published": schema_of(Published),
                "abandon": schema_of(Abandon),
                "scale": {
                    "type": "object",
                    "description": "The same benchmark in another size, for --scale NAME.",
                    "additionalProperties": scale,
                },
            },
            required=["benchmark", "matrix"],
        ),
    }


def _axis(name: str) -> Json:
    if name == SIZES:
        one: Json = {"type": "integer", "minimum": 1}
    else:
        chosen = {"type": "object", "properties": {"use": {"type": "string"}}, "required": ["use"]}
        one = {"anyOf": [{"type": "string"}, chosen]}
    many = {"type": "array", "items": one}
    if name in (*REQUIRED, "rewriter", "gold"):
        many["minItems"] = 1
    return {"description": _AXIS_HELP[name], "anyOf": [one, many]}


def _migration() -> dict[str, Json]:
    name = {"type": "string"}
    return table(
        {"from": name, "to": name, "accept": schema_of(Accept)},
        required=["from", "to"],
        description="Which teacher replaces which, and the conditions for it.",
    )
