"""Run a benchmark and show its table.

`deshi run FILE`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from deshi.cli.options import (
    benchmark_argument,
    format_option,
    fresh_option,
    notes_option,
    scale_option,
    set_options,
    wide_option,
    workspace_option,
)


def _finite(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no amount; leave it out for no limit")
    return value


@click.command("run")
@benchmark_argument
@set_options
@scale_option
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--executor", metavar="NAME", help="What runs the stages, of a plugin: acme/cluster.")
@workspace_option
@click.option("--skip-not-ready", is_flag=True, help="Leave out what is not ready, as n/a.")
@click.option(
    "--budget",
    type=click.FloatRange(0),
    callback=_finite,
    metavar="USD",
    help="What this run may spend on teachers in all; raise it to continue.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@notes_option
@wide_option
@format_option
@fresh_option
def command(
    *,
    file: Path,
    fresh: tuple[str, ...],
    quiet: bool,
    notes: bool,
    wide: bool,
    form: str,
    **settings: Any,  # noqa: ANN401  (the fields of `Options`)
) -> int:
    """Run a benchmark and show its table."""
    from deshi.cli.progress import watcher_for
    from deshi.cli.views import view
    from deshi.engine.run import Options, run
    from deshi.workspace.workspace import Workspace

    options = Options(**settings)
    if fresh:
        from deshi.cli.fresh_rows import make_again
        from deshi.engine.run import prepare

        make_again(prepare(file, options), fresh, skip=options.skip_not_ready)
    with watcher_for(quiet=quiet) as watcher:
        results = run(file, options, watcher)
    space = Workspace.at(options.workspace, file)
    view("end-of-run")(space, results, form=form, wide=wide, notes=notes)
    return 1 if results.failed else 0
