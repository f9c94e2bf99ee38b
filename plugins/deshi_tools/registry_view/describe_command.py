"""Describe an entry or component: parameters, needs, terms.

`deshi describe ENTRY`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import format_option, set_options
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deshi.api import Spec
    from deshi.registry import Entry, Registry


@click.command("describe")
@click.argument("entry")
@set_options
@format_option
def command(*, entry: str, sets: tuple[str, ...], registries: tuple[Path, ...], form: str) -> None:
    """Describe an entry or a component: `knn`, `student.knn`, `acme/t5`."""
    from deshi.registry import Registry
    from deshi.testing.naming import entry_named
    from deshi_tools.tables.table import table_of

    registry = Registry(Path(), sets=sets, files=registries)
    found = entry_named(registry, entry)
    spec = registry.offer(found).spec
    lines = [*_facts(registry, found, spec), *_parameters(registry, found, spec)]
    print_table(table_of(f"{found.kind} {found.name}", ("what", "value", "about"), lines), form)


def _facts(registry: Registry, entry: Entry, spec: Spec) -> Iterator[tuple[str, str, str]]:
    from deshi.api import UsageError
    from deshi.registry import terms_of

    missing = registry.readiness(entry)
    try:
        registry.resolve(entry)
    except UsageError as error:
        missing.append(error.what)
    yield "component", entry.component, spec.summary
    yield "state", "; ".join(missing) or "ready", ""
    yield "revision", str(spec.revision), "goes up when the output changes"
    if spec.capabilities:
        yield "capabilities", ", ".join(sorted(spec.capabilities)), ""
    if spec.needs.extras:
        yield "needs", ", ".join(spec.needs.extras), "extras"
    hidden = {
        "name",
        "target",
        "summary",
        "params",
        "revision",
        "needs",
        "capabilities",
        "combines",
    }
    for name in spec.__dataclass_fields__:
        if name not in {*hidden, "kind", "terms"} and not (
            name == "endpoint" and getattr(spec, name) is None
        ):
            yield name.replace("_", " "), _plain(getattr(spec, name)), ""
    terms = terms_of(entry, spec)
    for name in terms.__dataclass_fields__ if terms else ():
        yield f"terms: {name.replace('_', ' ')}", _plain(getattr(terms, name)), ""


def _parameters(registry: Registry, entry: Entry, spec: Spec) -> Iterator[tuple[str, str, str]]:
    from deshi.redaction import Mask
    from deshi_tools.registry_view.parameters import parameters

    if spec.params is None:
        return
    for name, value, about in parameters(registry, entry):
        hidden = Mask().value({name: value})[name]
        yield f"params.{name}", "not set" if value is None else _plain(hidden), about


def _plain(value: object) -> str:
    if isinstance(value, frozenset | tuple | list):
        return ", ".join(
            sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)
        )
    return "unknown" if value is None else str(value)
