"""`deshi plan FILE`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.output import format_option, print_table, set_options

if TYPE_CHECKING:
    from deshi.execute.run import Prepared
    from deshi.report.table import Table


@click.command("plan")
@click.argument("file", type=click.Path(path_type=Path))
@set_options
@click.option("--workspace", type=click.Path(path_type=Path), help="Instead of .deshi/.")
@click.option("--skip-not-ready", is_flag=True, help="Leave out what is not ready, as n/a.")
@format_option
def command(
    *,
    file: Path,
    sets: tuple[str, ...],
    registries: tuple[Path, ...],
    workspace: Path | None,
    skip_not_ready: bool,
    form: str,
) -> None:
    """Show what a benchmark would do, and run nothing."""
    from deshi.execute.run import Options, prepare

    options = Options(
        sets=sets, registries=registries, workspace=workspace, skip_not_ready=skip_not_ready
    )
    print_table(plan_table(prepare(file, options)), form)


def plan_table(prepared: Prepared) -> Table:
    """Return the stages of a plan, what is there, what will be asked, and what cannot run."""
    from deshi.execute.run import planned_stages
    from deshi.report.table import table_of

    lines = []
    to_run = calls = 0
    for stage, there in planned_stages(prepared):
        to_run += not there
        calls += 0 if there else stage.requests
        asks = stage.requests if stage.requests and not there else None
        lines.append((stage.name, stage.title, "there" if there else "to run", asks, stage.address))
    plan = prepared.plan
    impossible = [f"n/a {row.id}: {row.cell.reason}" for row in plan.rows if row.cell.reason]
    return table_of(
        f"{plan.run_name}: {len(lines)} stages, {to_run} to run",
        ("stage", "what", "state", "requests at most", "address"),
        lines,
        f"{calls} requests to teachers at most; those in the ledger are not asked again.",
        *impossible,
        *_decidable(prepared),
    )


def _decidable(prepared: Prepared) -> Iterator[str]:
    """Say what the numbers of test texts and seeds can decide, as far as that is known beforehand."""
    from deshi.evaluate.prospects import prospect

    settings = prepared.plan.benchmark.settings
    groups = Counter(row.group for row in prepared.plan.rows if row.runs)
    rows = max(groups.values())
    if rows < 2:
        return
    found = prospect(settings.test, settings.seeds, comparisons=comb(rows, 2))
    size = f"{settings.test} test texts and {settings.seeds} seeds"
    if found.recipe is None:
        yield f"With {size}, {found.reason}."
    else:
        yield (
            f"With {size}, a difference between two recipes of {found.recipe:.3f} would be found in "
            f"four of five cases, after Holm over the {found.comparisons} pairs of the largest group."
        )
    yield (
        "That assumes independent texts and spreads of a mean over texts as Jaccard has them "
        "(0.15 over texts, 0.20 over texts and runs, 0.01 to 0.02 over seeds); texts that share "
        "documents decide less."
    )
