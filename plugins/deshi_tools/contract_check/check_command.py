"""Check components against the contract of their kind.

`deshi check [ENTRY …]`.
"""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import format_option, set_options, wide_option
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from deshi.api import Kind
    from deshi.registry import Registry
    from deshi.testing.check import Check
    from deshi.testing.report import Report

_SECONDS = 10.0
_FAR = "needs a remote service: check it by name, with --set for a local one"


@click.command("check")
@click.argument("names", metavar="[ENTRY]...", nargs=-1)
@click.option("--kind", metavar="KIND", help="Check all components of a kind.")
@click.option("--plugin", metavar="NAME", help="Check all components of a plugin.")
@click.option("--live", is_flag=True, help="Call real services too, spending at most --budget.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="USD",
    help="What --live may spend, in USD.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
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
    quiet: bool,
    sets: tuple[str, ...],
    registries: tuple[Path, ...],
    wide: bool,
    form: str,
) -> int:
    """Check that components do what their kind promises; leaves with 1 if one does not.

    ENTRY is a component's id, such as acme/length, or an entry, such as metric.length, whose parameters
    then apply. Without one, all components that are ready are checked, which takes a minute or more;
    which need parameters or another machine is said.
    """
    from deshi.registry import Registry
    from deshi_tools.contract_check.check_tables import checks_table, overview_table

    registry = Registry(Path(), sets=sets, files=registries)
    if names and (kind or plugin):
        raise click.UsageError("name entries, or choose all by --kind and --plugin")
    if live and not names:
        raise click.UsageError("--live asks a real service: name the entry")
    lines = _Lines(quiet=quiet)
    if names:
        reports = []
        for at, name in enumerate(names, 1):
            lines.begin(name, at, len(names))
            reports.append(_named(registry, name, lines, live=live, budget=budget))
        passed_over: list[tuple[str, str, str]] = []
    else:
        reports, passed_over = _all(registry, kind, plugin, lines)
    alone = len(names) == 1
    table = checks_table(reports[0]) if alone else overview_table(reports, passed_over)
    print_table(table, form, wide=wide)
    return 0 if all(report.is_good for report in reports) else 1


class _Lines:
    """One line on stderr per component: written as it begins, completed as it ends.

    On a terminal it ends with the check that runs; elsewhere a count is added every ten seconds.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._began = 0.0
        self._last = 0.0
        self._lives = not quiet and sys.stderr.isatty()

    def begin(self, name: str, at: int, of: int) -> None:
        """Say what is checked."""
        self._began = self._last = time.perf_counter()
        if not self._quiet:
            click.echo(f"deshi: [{at}/{of}] {name}: ", nl=False, err=True)

    def step(self, check: Check, at: int, of: int) -> None:
        """Say which check begins."""
        now = time.perf_counter()
        if self._lives:
            click.echo(f"\0337\033[K{at}/{of} {check.id[:30]}\0338", nl=False, err=True)
        elif not self._quiet and now - self._last >= _SECONDS:
            self._last = now
            click.echo(f"{at} of {of} checks … ", nl=False, err=True)

    def end(self, outcome: str) -> None:
        """Say what came of it."""
        if self._lives:
            click.echo("\033[K", nl=False, err=True)
        if not self._quiet:
            seconds = time.perf_counter() - self._began
            click.echo(f"{outcome}, {seconds:.1f} s", err=True)


def _named(registry: Registry, name: str, lines: _Lines, *, live: bool, budget: float) -> Report:
    """Check what the command line names; a parameter that is missing is answered with a --set."""
    from deshi.api import DeshiError, UsageError
    from deshi.testing.running import check_component

    try:
        report = check_component(
            name, registry=registry, live=live, budget=budget, progress=lines.step
        )
    except DeshiError as error:
        lines.end("not checked")
        missing = re.search(r"needs .*?'([a-z0-9-]+)'", error.what)
        if not isinstance(error, UsageError) or error.fix or missing is None:
            raise
        setting = shlex.quote(f"{error.where}.{missing[1]}=…")
        raise UsageError(error.what, where=error.where, fix=f"add --set {setting}") from error
    lines.end(report.counts)
    return report


def _all(
    registry: Registry, kind: str | None, plugin: str | None, lines: _Lines
) -> tuple[list[Report], list[tuple[str, str, str]]]:
    """Return the reports of all components that can be checked here, and what was skipped."""
    reports: list[Report] = []
    passed_over: list[tuple[str, str, str]] = []
    chosen = list(_chosen(registry, kind, plugin))
    for at, (one, name) in enumerate(chosen, 1):
        lines.begin(f"{one} {name}", at, len(chosen))
        found, why = _report(registry, one, name, lines)
        if found is None:
            passed_over.append((one, name, why))
        else:
            reports.append(found)
        lines.end(found.counts if found else "skipped")
    return reports, passed_over


def _report(registry: Registry, kind: Kind, name: str, lines: _Lines) -> tuple[Report | None, str]:
    """Return the report of one component, or why there is none."""
    from deshi.api import DeshiError
    from deshi.testing.running import check_component

    try:
        if why := _why_not(registry, kind, name):
            return None, why
        found = check_component(name, kind=kind, registry=registry, progress=lines.step)
    except DeshiError as error:
        return None, str(error)
    return (None, _FAR) if found.reached_out else (found, "")


def _chosen(registry: Registry, kind: str | None, plugin: str | None) -> Iterator[tuple[Kind, str]]:
    """Yield kind and id of what is to be checked."""
    from deshi.api import KINDS, UsageError, nearest

    if kind is not None and kind not in KINDS:
        raise UsageError(f"unknown kind '{kind}'", where="--kind", fix=nearest(kind, KINDS))
    known = [record.name for record in registry.records()]
    if plugin is not None and plugin not in known:
        raise UsageError(f"no plugin '{plugin}'", where="--plugin", fix=nearest(plugin, known))
    for one in KINDS:
        for offer in registry.catalog.offers(one):
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
