"""List entries and components.

`deshi list [KIND]`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import format_option, set_options
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deshi.api import Kind
    from deshi.registry import Registry
    from deshi_tools.tables.table import Scalar


@click.command("list")
@click.argument("kind", required=False)
@set_options
@format_option
def command(
    *, kind: str | None, sets: tuple[str, ...], registries: tuple[Path, ...], form: str
) -> None:
    """List the entries of a kind, or of all, and the components that have no entry."""
    from deshi.api import KINDS, UsageError, nearest
    from deshi.registry import Registry
    from deshi_tools.tables.table import table_of

    names = dict(zip((*KINDS, "corpora", "losses"), (*KINDS, "corpus", "loss"), strict=True))
    names |= {f"{name}s": name for name in KINDS}
    if kind is not None and kind not in names:
        raise UsageError(f"unknown kind '{kind}'", where="deshi list", fix=nearest(kind, KINDS))
    registry = Registry(Path(), sets=sets, files=registries)
    lines = [line for k in ([names[kind]] if kind else KINDS) for line in _lines(registry, k)]
    columns = ("kind", "entry", "component", "state", "about")
    print_table(table_of("Entries", columns, lines), form)


def _lines(registry: Registry, kind: Kind) -> Iterator[tuple[Scalar, ...]]:
    from deshi.api import DeshiError

    offered = {offer.id: offer for offer in registry.catalog.offers(kind)}
    listed = set()
    for entry in registry.entries(kind):
        listed.add(entry.component)
        offer = offered.get(entry.component)
        try:
            missing = registry.readiness(entry)
        except DeshiError as error:
            missing = [str(error)]
        about = entry.about or (offer.spec.summary if offer else "")
        yield kind, entry.name, entry.component, "; ".join(missing) or "ready", about
    for name, offer in offered.items():
        if name not in listed:
            missing = registry.readiness(registry.entry(kind, name))
            yield kind, name, name, "; ".join(missing) or "ready", offer.spec.summary
