"""Write docs/reference/*.md from the code: what it says of itself, and nothing else.

    python scripts/reference.py [--check]

With --check nothing is written, and a page that is not as it would be written is an error.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

import deshi.api as api
from deshi.api import KINDS, hooks
from deshi.cli import COMMANDS, group
from deshi.registry import Registry
from deshi.testing.capabilities import CAPABILITIES
from deshi.testing.running import checks_of, least

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- written by scripts/reference.py: change the code, then run it again -->\n"


def pages() -> dict[str, str]:
    """Return every page by the name of its file."""
    registry = Registry(ROOT, warn=lambda _: None)
    return {
        "hooks.md": "\n".join(hook_page()),
        "api.md": "\n".join(api_page()),
        "components.md": "\n".join(component_page(registry)),
        "entries.md": "\n".join(entry_page(registry)),
        "commands.md": "\n".join(command_page()),
        "checks.md": "\n".join(check_page()),
        "files.md": "\n".join(file_page()),
        "results.md": "\n".join(result_page()),
    }


def head(title: str, text: str) -> Iterator[str]:
    """Yield the beginning of a page."""
    yield f"{NOTE}\n# {title}\n\n{text}\n"


def hook_page() -> Iterator[str]:
    """Yield every hook with its signature."""
    yield from head("Hooks", inspect.cleandoc(hooks.__doc__ or ""))
    for name, function in vars(hooks).items():
        if name.startswith("deshi_"):
            yield f"## `{name}`\n\n```python\n{signature(name, function)}\n```\n"
            yield f"{inspect.cleandoc(function.__doc__ or '')}\n"


def signature(name: str, function: Any) -> str:
    """Return a function's signature as it is written."""
    return f"def {name}{inspect.signature(function)}".replace("'", "")


def api_page() -> Iterator[str]:
    """Yield the public names of `deshi.api`: kinds, capabilities, specs, records, errors."""
    yield from head("deshi.api", inspect.cleandoc(api.__doc__ or ""))
    names = {name: getattr(api, name) for name in api.__all__}
    kinds = {n: v for n, v in names.items() if getattr(v, "_is_protocol", False)}
    yield "## Kinds and capabilities\n"
    yield "A capability is used where the spec announces it by name.\n"
    yield "| kind | capability | what it asks of the class |\n|---|---|---|"
    for kind in KINDS:
        for name, attributes in CAPABILITIES[kind].items():
            asked = ", ".join(f"`{one}`" for one in attributes) or "nothing: it is a promise"
            yield f"| {kind} | `{name}` | {asked} |"
    for name, cls in kinds.items():
        yield f"\n### `{name}`\n\n{inspect.cleandoc(cls.__doc__ or '')}\n"
        yield from methods(cls)
    dataclasses_ = {n: v for n, v in names.items() if dataclasses.is_dataclass(v)}
    for title, wanted in (("Specs", True), ("Records", False)):
        yield f"\n## {title}\n"
        for name, cls in dataclasses_.items():
            is_spec = name.endswith("Spec") or name in ("Needs", "Terms", "Layer")
            if is_spec is wanted:
                yield from record(name, cls)
    yield "\n## Errors\n"
    yield f"```text\n{errors_tree()}\n```\n"
    yield "\n## Other names\n"
    for name, value in names.items():
        plain = name not in kinds and name not in dataclasses_
        if plain and not (isinstance(value, type) and issubclass(value, Exception)):
            about = inspect.getdoc(value) if callable(value) else ""
            first = (about or "").split("\n\n")[0].replace("\n", " ")
            yield f"- `{name}`" + (f": {first}" if first and len(first) < 300 else "")


def methods(cls: type[Any]) -> Iterator[str]:
    """Yield the methods that a protocol itself has."""
    for name, value in vars(cls).items():
        function = value.__func__ if isinstance(value, classmethod) else value
        public = not name.startswith("_") or name == "__call__"
        if not public or not inspect.isfunction(function):
            continue
        written = "async def" if inspect.iscoroutinefunction(function) else "def"
        text = re.sub(r"^def", written, signature(name, function))
        yield f"```python\n{text}\n```\n"
        yield f"{inspect.cleandoc(function.__doc__ or '')}\n"


def record(name: str, cls: type[Any]) -> Iterator[str]:
    """Yield a dataclass and its fields."""
    about = inspect.cleandoc(cls.__doc__ or "") if not (cls.__doc__ or "").startswith(name) else ""
    yield f"\n### `{name}`\n\n{about}\n"
    fields = dataclasses.fields(cls)
    if fields:
        yield "| field | type | default |\n|---|---|---|"
    for field in fields:
        yield f"| `{field.name}` | {typed(field.type)} | {default(field)} |"


def typed(kind: Any) -> str:
    """Return a type as a table cell."""
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    text = re.sub(
        r"\b(?:typing|collections\.abc|deshi(?:_plugins)?[\w.]*|pathlib\._local|pathlib)\.",
        "",
        text,
    )
    return f"`{text}`".replace("|", "\\|")


def default(field: dataclasses.Field[Any]) -> str:
    """Return a field's default as a table cell."""
    if field.default is not dataclasses.MISSING:
        value = field.default
        if inspect.isfunction(value):
            return f"`{value.__name__}`"
        text = sorted(value) if isinstance(value, frozenset) else value
        return f"`{text!r}`".replace("|", "\\|")
    return "" if field.default_factory is dataclasses.MISSING else "empty"


def errors_tree() -> str:
    """Return the tree of exceptions from the docstring of its module."""
    from deshi.api import errors

    return "\n".join(line[4:] for line in (errors.__doc__ or "").splitlines() if line[:4] == "    ")


def component_page(registry: Registry) -> Iterator[str]:
    """Yield every built-in component with its parameters."""
    about = (
        "The built-in components and their parameters, as `deshi describe` tells them. An entry of "
        "registry.toml uses one by `use`, with `params` in this spelling."
    )
    yield from head("Components and parameters", about)
    for kind in KINDS:
        yield f"\n## {kind}\n"
        for offer in registry.offers(kind):
            if not offer.plugin.is_builtin:
                continue
            yield f"\n### {kind} `{offer.id}`\n\n{offer.spec.summary}\n"
            yield "\n".join(facts(offer.spec)) + "\n"
            yield from parameters(registry.params_class(kind, offer.id))


def facts(spec: Any) -> Iterator[str]:
    """Yield what a spec says besides its summary."""
    if spec.capabilities:
        yield "Capabilities: " + ", ".join(f"`{one}`" for one in sorted(spec.capabilities)) + "."
    if spec.needs.extras:
        yield "Extras: " + ", ".join(f"`{one}`" for one in spec.needs.extras) + "."
    if spec.kind == "loss":
        yield "Takes: " + " and ".join(sorted(spec.takes)) + "."
    if spec.kind == "student" and spec.trains_on:
        yield f"Its loss works on {spec.trains_on}."
    if spec.kind == "metric":
        yield f"Direction: {spec.direction}. Bounds: {bounds(spec.bounds)}. Signature: `{spec.signature}`."
    if spec.kind == "filter":
        yield "Places: " + ", ".join(sorted(spec.places)) + "."


def bounds(pair: tuple[float | None, float | None]) -> str:
    """Return bounds in words."""
    low, high = pair
    return f"{'none' if low is None else f'{low:g}'} to {'none' if high is None else f'{high:g}'}"


def parameters(cls: type[Any]) -> Iterator[str]:
    """Yield a table of a parameters' dataclass."""
    from deshi.registry.params import kebab

    fields = dataclasses.fields(cls)
    if not fields:
        yield "It has no parameters.\n"
        return
    hints, noted = typing.get_type_hints(cls), typing.get_type_hints(cls, include_extras=True)
    yield "| parameter | type | default | what it is |\n|---|---|---|---|"
    for field in fields:
        limits, about = notes(noted[field.name])
        kind, shown = typed(hints[field.name]), default(field) or "required"
        yield f"| `{kebab(field.name)}` | {kind}{limits} | {shown} | {about} |"


def notes(hint: Any) -> tuple[str, str]:
    """Return limits and help of an annotation."""
    limits, about = "", ""
    for part in (hint, *typing.get_args(hint)):
        for note in getattr(part, "__metadata__", ()):
            about = (note.description or about).replace("|", "\\|")
            signs = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
            found = [
                f"{s} {getattr(note, n):g}" for n, s in signs if getattr(note, n, None) is not None
            ]
            limits = (" " + ", ".join(found)) if found else limits
    return limits, about


def entry_page(registry: Registry) -> Iterator[str]:
    """Yield the built-in entries."""
    about = (
        "What `deshi list` shows of the built-in registry.toml; your own adds to it or changes it."
    )
    yield from head("Entries", about)
    for kind in KINDS:
        yield f"\n## {kind}\n"
        yield "| entry | component | parameters that differ | what it is |\n|---|---|---|---|"
        for entry in registry.entries(kind):
            params = ", ".join(f"`{k}` = {cell(v)}" for k, v in entry.params.items())
            about = entry.about or registry.offer(entry).spec.summary
            yield f"| `{entry.name}` | `{entry.component}` | {params} | {about} |"


def cell(value: Any) -> str:
    """Return a parameter's value as a table cell."""
    text = f"`{value!r}`".replace("|", "\\|")
    return text if len(text) < 80 else f"{text[:70]}…`"


def command_page() -> Iterator[str]:
    """Yield the help of every command."""
    about = (
        "Exit status: 0 done, 1 some cell failed or a claim was refused, 2 wrong use, 3 something named is "
        "not ready, 4 budget reached, 130 interrupted. `--debug` shows a traceback with an error."
    )
    yield from head("Commands", about)
    yield f"```text\n{help_of(group, 'deshi')}\n```\n"
    context = click.Context(group, info_name="deshi")
    for name in COMMANDS:
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
        yield "| check | what it asks | how to mend it |\n|---|---|---|"
        for check in own:
            notes = f" (`{check.capability}`)" if check.capability else ""
            notes += " (live)" if check.tier == "live" else ""
            yield f"| `{check.id}`{notes} | {escaped(check.sentence)} | {escaped(check.mend)} |"


def escaped(text: str) -> str:
    """Return a text for a table cell."""
    return text.replace("|", "\\|").replace("<", "\\<")


def file_page() -> Iterator[str]:
    """Yield the keys of benchmark files and of registry.toml, from their schemas."""
    from deshi.schema import benchmark_schema, registry_schema

    yield from head(
        "Benchmark files and registry.toml",
        "The keys that each table takes. `deshi schema benchmark` and `deshi schema registry` print the same "
        "as JSON Schema: save one, name it in the first line of a TOML file "
        "(`#:schema ./benchmark.schema.json`), and an editor with Taplo or Even Better TOML completes keys and "
        "underlines what is wrong.",
    )
    schemas = (("benchmark", benchmark_schema()), ("registry", registry_schema(Registry(ROOT))))
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
    from deshi.evaluate import results

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


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        text = re.sub(r"\n{3,}", "\n\n", text.rstrip()) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    print(*stale or ["all as it should be"])
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
