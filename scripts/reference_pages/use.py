"""Commands, checks, the keys of files, the fields of results.json."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import click

from deshi.api import KINDS
from deshi.cli import group
from deshi.cli.commands import find_commands
from deshi.registry import Registry
from deshi.testing.running import checks_of, least
from reference_pages.cells import escaped, head, signature, typed


def command_page() -> Iterator[str]:
    """Yield the help of every command."""
    about = (
        "Exit status: 0 done, 1 some cell failed or a claim was refused, 2 wrong use, 3 something named is "
        "not ready, 4 budget reached, 130 interrupted, 143 terminated. `--debug` shows a traceback with an error."
    )
    yield from head("Commands", about)
    yield f"```text\n{help_of(group, 'deshi')}\n```\n"
    context = click.Context(group, info_name="deshi")
    for name in find_commands():
        command = group.get_command(context, name)
        assert command is not None
        yield f"\n## deshi {name}\n\n```text\n{help_of(command, f'deshi {name}')}\n```\n"
        for inner, sub in getattr(command, "commands", {}).items():
            yield f"\n### deshi {name} {inner}\n\n```text\n{help_of(sub, f'deshi {name} {inner}')}\n```\n"


def help_of(command: click.Command, name: str) -> str:
    """Return the help text of a command."""
    context = click.Context(command, info_name=name, terminal_width=96, max_content_width=96)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def check_page() -> Iterator[str]:
    """Yield the checks of the contract kit."""
    yield from head(
        "Checks",
        "What `deshi check` and the contract classes of `deshi.testing` ask of a component. A check with a "
        "capability applies where the spec announces it.",
    )
    from deshi.testing import check_component

    about = inspect.cleandoc(check_component.__doc__ or "")
    written = signature("check_component", check_component)
    yield f"## `check_component`\n\n```python\n{written}\n```\n\n{about}\n"
    seen: set[str] = set()
    for title, kind in (("every component", None), *((f"a {kind}", kind) for kind in KINDS)):
        checks = [c for c in checks_of(kind or "metric") if kind or c in checks_of("loss")]
        own = [check for check in checks if check.run not in seen]
        seen |= {check.run for check in own}  # type: ignore[arg-type]
        yield f"\n## Of {title}\n"
        if kind:
            yield f"Of {len(checks_of(kind))} checks at least {least(kind)} always run.\n"
        yield "| check | what it asks | how to fix it |\n|---|---|---|"
        for check in own:
            notes = f" (`{check.capability}`)" if check.capability else ""
            notes += " (live)" if check.tier == "live" else ""
            yield f"| `{check.id}`{notes} | {escaped(check.sentence)} | {escaped(check.fix)} |"


def file_page(registry: Registry) -> Iterator[str]:
    """Yield the keys of benchmark files and of registry.toml, from their schemas."""
    from deshi_tools.schema import benchmark_schema, registry_schema

    yield from head(
        "Benchmark files and registry.toml",
        "The keys that each table takes. `deshi schema benchmark` and `deshi schema registry` print the same "
        "as JSON Schema: save one, name it in the first line of a TOML file "
        "(`#:schema ./benchmark.schema.json`), and an editor with Taplo or Even Better TOML completes keys and "
        "underlines what is wrong.",
    )
    schemas = (("benchmark", benchmark_schema()), ("registry", registry_schema(registry)))
    for name, schema in schemas:
        yield f"\n## {'A benchmark file' if name == 'benchmark' else 'registry.toml'}\n"
        for table, content in schema["properties"].items():
            inner = content.get("additionalProperties")
            named = isinstance(inner, dict) and inner.get("type") == "object"
            title = f"[{table}.NAME]" if named else f"[{table}]"
            yield f"\n### `{title}`\n\n{content.get('description', '')}\n"
            yield from keys(
                inner["properties"]
                if named and "properties" in inner
                else content.get("properties", {})
            )


def keys(properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield a table of the keys of a schema's table."""
    if not properties:
        return
    yield "| key | type | default | what it is |\n|---|---|---|---|"
    for key, schema in properties.items():
        given = schema.get("default", "")
        shown = f"`{given}`" if given != "" and given is not None else ""
        yield f"| `{key}` | {kind_of(schema)} | {shown} | {escaped(described(schema))} |"


def described(schema: Mapping[str, Any]) -> str:
    """Return a schema's description, or that of its first alternative."""
    inner = (one.get("description", "") for one in schema.get("anyOf", ()))
    return str(schema.get("description") or next(filter(None, inner), ""))


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return a schema's type in a word or two."""
    if "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema["enum"])
    if "anyOf" in schema:
        found = dict.fromkeys(kind_of(one) for one in schema["anyOf"] if one.get("type") != "null")
        return " or ".join(found)
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}" if "items" in schema else "list"
    return {"object": "table"}.get(schema.get("type", ""), schema.get("type", ""))


def result_page() -> Iterator[str]:
    """Yield the fields of results.json."""
    from deshi import results

    yield from head(
        "results.json",
        "What a run saves in `.deshi/runs/NAME/results.json`, prints with `--format json`, and hands to "
        "`deshi_run_finished`.",
    )
    order = (
        "Results",
        "Row",
        "Value",
        "Comparison",
        "MetricInfo",
        "DataFigures",
        "DecisionCount",
        "Vocabulary",
    )
    for name in order:
        cls = getattr(results, name)
        yield f"\n## `{name}`\n\n{inspect.cleandoc(cls.__doc__ or '')}\n"
        yield "| field | type |\n|---|---|"
        hints = typing.get_type_hints(cls)
        for field in cls.__struct_fields__:
            yield f"| `{field}` | {typed(hints[field])} |"
