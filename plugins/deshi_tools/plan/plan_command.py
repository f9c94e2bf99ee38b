"""Show what a benchmark would run and cost.

`deshi plan FILE`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import ceil, comb
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import (
    benchmark_argument,
    format_option,
    fresh_option,
    scale_option,
    set_options,
    workspace_option,
)
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from deshi.engine.prepared import Prepared
    from deshi_tools.plan.cost_estimate import CostEstimate
    from deshi_tools.plan.planned_power import PlannedPower
    from deshi_tools.tables.table import Scalar, Table


@click.command("plan")
@benchmark_argument
@set_options
@scale_option
@workspace_option
@click.option("--skip-not-ready", is_flag=True, help="Leave out what is not ready, as n/a.")
@click.option("--wide", is_flag=True, help="One line per stage, as in json and csv.")
@format_option
@fresh_option
def command(
    *,
    file: Path,
    fresh: tuple[str, ...],
    sets: tuple[str, ...],
    scale: str | None,
    registries: tuple[Path, ...],
    workspace: Path | None,
    skip_not_ready: bool,
    wide: bool,
    form: str,
) -> None:
    """Show what a benchmark would run and cost."""
    from deshi.engine.readiness import ready_plan
    from deshi.engine.run import Options, prepare

    options = Options(sets=sets, scale=scale, registries=registries, workspace=workspace)
    prepared = prepare(file, options)
    if fresh:
        from deshi.cli.fresh_rows import with_fresh

        prepared = with_fresh(prepared, fresh)
    if skip_not_ready:
        prepared = replace(prepared, plan=ready_plan(prepared, skip=True))
    table = plan_table(prepared)
    if not wide and form not in ("json", "csv"):
        table = by_stage(table)
    print_table(table, form)


def plan_table(prepared: Prepared) -> Table:
    """Return the stages of a plan, what is there, what will be asked, and what cannot run."""
    from deshi_tools.plan.cost_estimate import CostEstimate, CostEstimator
    from deshi_tools.plan.planned_stages import planned_stages
    from deshi_tools.tables.table import Line, table_of

    quoting = CostEstimator(prepared)
    quotes: dict[str, CostEstimate] = {}
    lines: list[tuple[Scalar, ...]] = []
    to_run = 0
    for stage, there in planned_stages(prepared):
        to_run += not there
        quote = CostEstimate() if there else quoting.quote(stage)
        quotes[stage.address] = quote
        state = "there" if there else "to run"
        lines.append((stage.name, stage.title, state, *_asked(quote), stage.address))
    plan = prepared.plan
    impossible = [f"n/a {row.id}: {row.cell.reason}" for row in plan.rows if row.cell.reason]
    total = sum(quotes.values(), CostEstimate())
    table = table_of(
        f"{plan.run_name}: {len(lines)} stages, {to_run} to run",
        ("stage", "what", "state", "requests at most", "in the ledger", "USD at most", "address"),
        lines,
        _sum(total),
        *_not_ready(prepared),
        *impossible,
        *_may_stop(prepared),
        *_decidable(prepared),
    )
    cells = tuple(Line(values) for values in _cells(prepared, quotes)) if total.nano != 0 else ()
    return replace(table, lines=(*table.lines, *cells))


def by_stage(table: Table) -> Table:
    """Return a plan with one line per kind of stage, and all that stands under it."""
    from deshi_tools.tables.table import Line, table_of

    lines = [line for line in table.lines if line.values[0] != "cell"]
    names = dict.fromkeys(str(line.values[0]) for line in lines)
    rows: list[tuple[Scalar, ...]] = []
    for name in names:
        own = [line.values for line in lines if line.values[0] == name]
        there = sum(values[2] == "there" for values in own)
        asked = [sum(int(values[at] or 0) for values in own) or None for at in (3, 4)]
        rows.append((name, len(own), there, len(own) - there, *asked))
    head = ("stage", "planned", "there", "to run", "requests at most", "in the ledger")
    cells = tuple(Line(line.values) for line in table.lines if line.values[0] == "cell")
    short = table_of(table.title, head, rows, *table.notes, "One line per stage: --wide.")
    if not cells:
        return short
    costs = (Line((v[1], None, None, None, v[3], v[4])) for v in (line.values for line in cells))
    return replace(short, lines=(*short.lines, *costs))


def _not_ready(prepared: Prepared) -> Iterator[str]:
    """Say what would stop the run before it begins."""
    from deshi.engine.readiness import Lacks

    lacks = Lacks(prepared)
    reasons = dict.fromkeys(
        reason
        for row in prepared.plan.rows
        if not row.cell.baseline and (reason := lacks.of_row(row))
    )
    yield from (f"not ready: {reason}." for reason in reasons)


def _may_stop(prepared: Prepared) -> Iterator[str]:
    rule = prepared.benchmark.abandon
    if rule is not None:
        yield (
            f"[abandon]: rows far behind on validation stop after {rule.after} of "
            f"{prepared.benchmark.settings.seeds} training runs, so that fewer stages may run."
        )


def _asked(quote: CostEstimate) -> tuple[Scalar, ...]:
    """Return what is told of a quote: calls that are left, calls that are paid, worst cost in USD."""
    if not quote.calls:
        return None, None, None
    return quote.calls - quote.paid, quote.paid or None, _usd(quote)


def _usd(quote: CostEstimate) -> Scalar:
    from deshi.labelling.ledger.transitions import NANO
    from deshi_tools.tables.numbers import usd

    return "unknown" if quote.nano is None else usd(quote.nano / NANO) if quote.nano else None


def _sum(total: CostEstimate) -> str:
    left = total.calls - total.paid
    text = f"at most {left} requests to teachers; those in the ledger are not sent again"
    if total.nano == 0:
        return f"{text}."
    amount = "an unknown amount" if total.nano is None else f"{_usd(total)} USD"
    return f"{text}. They cost {amount} at most, each at its worst case, if none has to be retried."


def _cells(prepared: Prepared, quotes: Mapping[str, CostEstimate]) -> Iterator[tuple[Scalar, ...]]:
    """Yield a line for each row that asks teachers; what rows share is in each of them."""
    from deshi_tools.plan.cost_estimate import by_row

    for row, quote, shared in by_row(prepared, quotes):
        others = "shared with other rows" if shared else ""
        yield ("cell", row, others, *_asked(quote), "")


def _decidable(prepared: Prepared) -> Iterator[str]:
    """Say what the numbers of test texts and seeds can decide, as far as that is known beforehand."""
    settings = prepared.plan.benchmark.settings
    planned = [row for row in prepared.plan.rows if row.runs]
    rows = max(Counter((row.cell.corpus.label, row.gold) for row in planned).values())
    if rows < 2:
        return
    pairs, documents, known = comb(rows, 2), *_documents(prepared)
    loose, tied = _prospects(prepared, pairs, documents)
    size = f"{settings.test} test texts in {documents}{'' if known else ' or more'} documents"
    with_ = f"With {size} and {settings.seeds} seeds"
    if loose.retrained is None:
        yield f"{with_}, {loose.reason} of a student that varies by seed; 5 are the default."
        return
    yield (
        f"{with_}, a difference of {loose.retrained:.3f} between retrained models is detected at "
        "80 % power, "
        f"after Holm over up to {pairs} pairs of a group, if texts are independent."
    )
    if loose.half_width is not None:
        yield f"The 95 % interval of one row will be about ±{loose.half_width:.3f}."
    if tied.retrained is not None:
        takes = (
            f"it is {tied.retrained:.3f}" if tied.retrained < 1 else "no difference is detectable"
        )
        yield f"With texts within a document fully correlated, {takes}."
    yield (
        "This assumes the variance of Jaccard: standard deviations of 0.15 over texts, 0.20 "
        "over "
        "texts and runs, 0.02 over seeds."
    )


def _prospects(prepared: Prepared, pairs: int, documents: int) -> tuple[PlannedPower, PlannedPower]:
    """Return what can be decided if texts are independent, and if those of a document are one."""
    from deshi_tools.plan.planned_power import AssumedSpread, planned_power

    settings = prepared.plan.benchmark.settings
    runs = [run for row in prepared.plan.rows for run in row.runs]
    fixed = all(run.seed is None for run in runs)
    effect = AssumedSpread(design_effect=settings.test / documents)
    loose = planned_power(settings.test, settings.seeds, comparisons=pairs, deterministic=fixed)
    tied = planned_power(
        settings.test,
        settings.seeds,
        documents=documents,
        comparisons=pairs,
        assumed=effect,
        deterministic=fixed,
    )
    return loose, tied


def _documents(prepared: Prepared) -> tuple[int, bool]:
    """Return the documents of the smallest test set, and whether they are known or a least number."""
    store = prepared.workspace.store
    splits = {row.split for row in prepared.plan.rows if row.runs}
    if all(store.has(split) for split in splits):
        return min(_test_documents(store.folder(split)) for split in splits), True
    settings = prepared.plan.benchmark.settings
    return ceil(settings.test / settings.max_per_document), False


def _test_documents(split: Path) -> int:
    """Return the number of documents that the test texts of a split come from."""
    from deshi.stages.parquet_tables import read_table

    rows = read_table(split / "texts.parquet", ("document", "part"))
    return len({row["document"] for row in rows if row["part"] == "test"})
