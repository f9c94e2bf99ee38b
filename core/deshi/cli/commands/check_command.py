"""`deshi check [ENTRY …]`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.output import format_option, print_table, set_options, wide_option

if TYPE_CHECKING:
    from deshi.api import Kind
    from deshi.registry import Registry
    from deshi.testing.report import Report

_FAR = "needs another machine: check it by name, with --set of what keeps it here"


@click.command("check")
@click.argument("names", metavar="ENTRY", nargs=-1)
@click.option("--kind", metavar="KIND", help="Check all components of a kind.")
@click.option("--plugin", metavar="NAME", help="Check all components of a plugin.")
@click.option("--live", is_flag=True, help="Ask real services too, and spend up to --budget.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="USD",
    help="What --live may spend.",
)
@set_options
@wide_option
@format_option
def command(
    *,
    names: tuple[str, ...],
    kind: str | None,
    plugin: str | None,
    live: bool,
    budget: float,
    sets: tuple[str, ...],
    registries: tuple[Path, ...],
    wide: bool,
    form: str,
) -> int:
    """Check that components do what their kind promises; leaves with 1 if one does not.

    ENTRY is a component's id, such as acme/length, or an entry, such as metric.length, whose parameters
    then apply. Without one, all components that are ready are checked; which need parameters or
    another machine is said.
    """
    from deshi.registry import Registry
    from deshi.report.checks import checks_table, overview_table

    registry = Registry(Path(), sets=sets, files=registries)
    if names and (kind or plugin):
        raise click.UsageError("name entries, or choose all by --kind and --plugin")
    if live and not names:
        raise click.UsageError("--live asks a real service: name the entry")
    if names:
        reports = [_checked(registry, None, name, live=live, budget=budget) for name in names]
        passed_over: list[tuple[str, str, str]] = []
    else:
        reports, passed_over = _all(registry, kind, plugin)
    alone = len(names) == 1
    table = checks_table(reports[0]) if alone else overview_table(reports, passed_over)
    print_table(table, form, wide=wide)
    return 0 if all(report.is_good for report in reports) else 1


def _checked(
    registry: Registry, kind: Kind | None, name: str, *, live: bool = False, budget: float = 0.0
) -> Report:
    from deshi.testing.running import check_component

    return check_component(name, kind=kind, registry=registry, live=live, budget=budget)


def _all(
    registry: Registry, kind: str | None, plugin: str | None
) -> tuple[list[Report], list[tuple[str, str, str]]]:
    """Return the reports of all components that can be checked here, and what was passed over."""
    from deshi.api import DeshiError

    reports: list[Report] = []
    passed_over: list[tuple[str, str, str]] = []
    for one, name in _named(registry, kind, plugin):
        try:
            why = _why_not(registry, one, name)
            found = None if why else _checked(registry, one, name)
        except DeshiError as error:
            why, found = str(error), None
        if found is not None and found.reached_out:
            found, why = None, _FAR
        if found is None:
            passed_over.append((one, name, why))
        else:
            reports.append(found)
    return reports, passed_over


def _named(registry: Registry, kind: str | None, plugin: str | None) -> Iterator[tuple[Kind, str]]:
    """Yield kind and id of what is to be checked."""
    from deshi.api import KINDS, UsageError, nearest

    if kind is not None and kind not in KINDS:
        raise UsageError(f"unknown kind '{kind}'", where="--kind", mend=nearest(kind, KINDS))
    known = [record.name for record in registry.records()]
    if plugin is not None and plugin not in known:
        raise UsageError(f"no plugin '{plugin}'", where="--plugin", mend=nearest(plugin, known))
    for one in KINDS:
        for offer in registry.offers(one):
            if kind in (None, one) and plugin in (None, offer.plugin.name):
                yield one, offer.id


def _why_not(registry: Registry, kind: Kind, name: str) -> str:
    """Say why a component cannot be checked here without more being said; empty if it can."""
    entry = registry.entry(kind, name)
    if lacks := registry.readiness(entry):
        return "; ".join(lacks)
    if registry.offer(entry).spec.needs.network:
        return _FAR
    return ""
