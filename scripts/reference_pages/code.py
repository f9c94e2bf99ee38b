"""Hooks, and the names of `deshi.api`."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

import deshi.api as api
from deshi.api import KINDS, hooks
from deshi.testing.capabilities import CAPABILITIES
from reference_pages.cells import default, head, signature, typed


def hook_page() -> Iterator[str]:
    """Yield every hook with its signature."""
    yield from head("Hooks", inspect.cleandoc(hooks.__doc__ or ""))
    for name, function in vars(hooks).items():
        if name.startswith("deshi_"):
            yield f"## `{name}`\n\n```python\n{signature(name, function)}\n```\n"
            yield f"{inspect.cleandoc(function.__doc__ or '')}\n"


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


def errors_tree() -> str:
    """Return the tree of exceptions from the docstring of its module."""
    from deshi.api import errors

    return "\n".join(line[4:] for line in (errors.__doc__ or "").splitlines() if line[:4] == "    ")
