"""List plugins, describe one, disable or enable one.

`deshi plugins [info|disable|enable]`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import format_option, set_options
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from deshi.cli.commands import CommandEntry
    from deshi.registry import PluginRecord, Registry

_FEW = 8
"""The offers that a list shows by name."""


@click.group("plugins", invoke_without_command=True)
@click.pass_context
@set_options
@format_option
def command(
    context: click.Context, *, sets: tuple[str, ...], registries: tuple[Path, ...], form: str
) -> None:
    """List the plugins that were found, how they are, and what they offer."""
    if context.invoked_subcommand is not None:
        return
    from deshi.registry import Registry
    from deshi_tools.tables.table import table_of

    registry = Registry(Path(), sets=sets, files=registries, warn=_silent)
    lines: list[tuple[str, ...]] = [
        (
            record.name,
            record.distribution,
            record.version,
            record.state,
            record.reason or _offers(record),
        )
        for record in registry.records()
    ]
    lines += _commands()
    columns = ("plugin", "distribution", "version", "state", "offers, or the error")
    print_table(table_of("Plugins", columns, lines), form)


@command.command("info")
@click.argument("name")
@format_option
def info(*, name: str, form: str) -> None:
    """Tell all there is to know about one plugin, with the traceback of one that is broken."""
    from deshi.registry import Registry
    from deshi_tools.tables.table import table_of

    registry = Registry(Path(), warn=_silent)
    record = _found(registry.records(), name)
    print_table(table_of(f"Plugin {name}", ("what", "found"), list(_told(record))), form)
    if record.trace and form == "table":
        click.echo(record.trace, err=True)


@command.command("disable")
@click.argument("name")
@click.option("--user", is_flag=True, help="For all your projects, not only this one.")
def disable(*, name: str, user: bool) -> None:
    """Switch a plugin off, without importing it: [plugins] disabled in registry.toml."""
    registry = _unloaded()
    record = _found(registry.records(load=False), name)
    if record.is_builtin:
        from deshi.api import UsageError

        raise UsageError("the built-in plugin cannot be switched off", where="plugins disable")
    _switch(registry, user=user, off=name)


@command.command("enable")
@click.argument("name")
@click.option("--user", is_flag=True, help="In your own registry.toml, not in the project's.")
def enable(*, name: str, user: bool) -> None:
    """Switch a plugin on again."""
    _switch(_unloaded(), user=user, on=name)


def _commands() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield a line per distribution of others that brings commands."""
    from importlib.metadata import PackageNotFoundError, version

    from deshi.cli.commands import find_commands

    found: dict[str, list[CommandEntry]] = {}
    for entry in find_commands().values():
        if entry.distribution != "deshi":
            found.setdefault(entry.distribution, []).append(entry)
    for distribution, entries in sorted(found.items()):
        try:
            number = version(distribution)
        except PackageNotFoundError:
            number = ""
        clash = next((f"'{e.name}' is claimed by {e.clash} too" for e in entries if e.clash), "")
        names = ", ".join(f"command {entry.name}" for entry in entries)
        yield "", distribution, number, "invalid" if clash else "ready", clash or names


def _offers(record: PluginRecord) -> str:
    """Return what a plugin offers: by name, or by number where there is much."""
    if len(record.offers) <= _FEW:
        return ", ".join(f"{kind} {name}" for kind, name in record.offers)
    counts = Counter(kind for kind, _ in record.offers)
    return (
        ", ".join(f"{kind} {count}" for kind, count in counts.items())
        + "; `plugins info` names them"
    )


def _switch(registry: Registry, *, user: bool, off: str = "", on: str = "") -> None:
    from deshi.registry.layers import FILE, builtin_file, project_file, user_file
    from deshi_tools.registry_view.switching import write_disabled

    names = [one for one in registry.disabled if one != on]
    if on and len(names) == len(registry.disabled):
        from deshi.api import UsageError, nearest

        fix = nearest(on, registry.disabled)
        raise UsageError(f"plugin '{on}' is not switched off", where="plugins enable", fix=fix)
    found = project_file(Path(), builtin=builtin_file()) or Path(FILE)
    file = (user_file(os.environ) or found) if user else found
    wanted = sorted({*names, off} - {""})
    write_disabled(file, wanted)
    click.echo(f"{file}: [plugins] disabled = {wanted}")
    if sorted(_unloaded().disabled) != wanted:
        from deshi.api import UsageError

        raise UsageError(
            "another layer decides which plugins are off",
            where=f"{file}: [plugins] disabled",
            fix="see `deshi explain plugins.disabled`; try with or without --user",
        )


def _unloaded() -> Registry:
    from deshi.registry import Registry

    return Registry(Path(), warn=_silent)


def _found(records: tuple[PluginRecord, ...], name: str) -> PluginRecord:
    from deshi.api import UsageError, nearest

    for record in records:
        if record.name == name:
            return record
    known = [record.name for record in records]
    raise UsageError(f"no plugin '{name}' is installed", where="plugins", fix=nearest(name, known))


def _told(record: PluginRecord) -> Iterator[tuple[str, str]]:
    from deshi.registry import code_of

    yield "state", record.state
    if record.reason:
        yield "reason", record.reason
        yield "fix", _fix(record)
    yield "distribution", f"{record.distribution} {record.version}".strip()
    yield "entry point", f"{record.group}: {record.name} = {record.entry}"
    if (code := code_of(record)) and "sha256:" in code:
        yield "code", f"{code}: in place, so the keys of stages hold a hash of its files"
    yield from record.offers


def _fix(record: PluginRecord) -> str:
    if record.state == "disabled":
        return f"run `deshi plugins enable {record.name}`, or name it in DESHI_PLUGINS"
    if record.state == "incompatible":
        return record.fix
    return f"ask its author, or run `deshi plugins disable {record.name}`"


def _silent(_: str) -> None:
    """Say nothing: the table says it."""
