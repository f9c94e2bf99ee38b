"""The built-in components with their parameters, and the built-in entries."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

from deshi.api import KINDS
from deshi.registry import Registry
from reference_pages.cells import default, head, typed


def component_page(registry: Registry) -> Iterator[str]:
    """Yield every built-in component with its parameters."""
    about = (
        "The built-in components and their parameters, as `deshi describe` tells them. An entry of "
        "registry.toml uses one by `use`, with `params` in this spelling."
    )
    yield from head("Components and parameters", about)
    for kind in KINDS:
        yield f"\n## {kind}\n"
        for offer in registry.catalog.offers(kind):
            if not offer.plugin.is_builtin:
                continue
            yield f"\n### {kind} `{offer.id}`\n\n{offer.spec.summary}\n"
            yield "\n".join(facts(offer.spec)) + "\n"
            yield from parameters(offer.params_class())


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
