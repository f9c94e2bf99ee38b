"""Print the JSON Schema of registry.toml or benchmark files.

`deshi schema registry|benchmark`.
"""

from __future__ import annotations

from pathlib import Path

import click

from deshi_tools.tables.output import print_json


@click.command("schema")
@click.argument("file", type=click.Choice(["registry", "benchmark"]))
def command(*, file: str) -> None:
    """Print the JSON Schema of registry.toml or benchmark files.

    Save it, and write `#:schema ./benchmark.schema.json` as the first line of a TOML file: editors with
    Taplo or Even Better TOML then complete its keys and underline what is wrong.
    """
    from deshi.registry import Registry
    from deshi_tools.schema import benchmark_schema, registry_schema

    found = benchmark_schema() if file == "benchmark" else registry_schema(Registry(Path()))
    print_json(found, indent=2)
