"""`deshi plugins`."""

from __future__ import annotations

from pathlib import Path

import click

from deshi.cli.output import format_option, print_table, set_options


@click.command("plugins")
@set_options
@format_option
def command(*, sets: tuple[str, ...], registries: tuple[Path, ...], form: str) -> None:
    """List the plugins that were found, how they are, and what they offer."""
    from deshi.registry import Registry
    from deshi.report.table import table_of

    registry = Registry(Path(), sets=sets, files=registries, warn=lambda _: None)
    lines = [
        (
            record.name,
            record.distribution,
            record.version,
            record.state,
            record.reason or ", ".join(f"{kind} {name}" for kind, name in record.offers),
        )
        for record in registry.records()
    ]
    columns = ("plugin", "distribution", "version", "state", "offers, or what is wrong")
    print_table(table_of("Plugins", columns, lines), form)
