"""One run: read the file, plan, make what is missing, compare, save the results."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

from deshi.api import ComponentError, UsageError
from deshi.benchmark.cells import DERIVED, expand
from deshi.benchmark.file import read_benchmark
from deshi.benchmark.part import code_key
from deshi.benchmark.parts import Parts
from deshi.benchmark.permits import check_permits
from deshi.benchmark.plan import STAGE_REVISION, Plan, PlannedRow, Stage
from deshi.benchmark.planner import make_plan
from deshi.benchmark.stage_params import ComparedGroup, ComparedRow, CompareParams
from deshi.engine.assemble_results import assemble
from deshi.engine.prepared import Prepared
from deshi.engine.pruning import abandon_rows, check_ready, later_stages
from deshi.engine.readiness import ready_plan
from deshi.engine.scheduler import StageRuns, missing_stages
from deshi.engine.watch import Watcher
from deshi.keys import key_of
from deshi.labelling.calls.limits import nano
from deshi.redaction import Mask
from deshi.registry import Registry, split_settings
from deshi.results import Results
from deshi.stages.comparison_groups import gold_kind, group_of
from deshi.stages.corpus_sizes import SizesError, merge_errors
from deshi.stages.standings import Standings
from deshi.workspace.job import Account
from deshi.workspace.manifest import CompareManifest, Failure, Finished, ScoreManifest
from deshi.workspace.store import run_lock
from deshi.workspace.workspace import SavedPlan, Workspace, check_name


@dataclass(frozen=True)
class Options:
    """How to run, apart from what the benchmark file says."""

    sets: tuple[str, ...] = ()
    registries: tuple[Path, ...] = ()
    workspace: Path | None = None
    workers: int = 1
    executor: str | None = None
    skip_not_ready: bool = False
    budget: float | None = None
    """What the run may spend on teachers, in USD, in all the times it is run."""
    scale: str | None = None
    """The `[scale.NAME]` of the benchmark file to run it in."""


def prepare(path: Path, options: Options) -> Prepared:
    """Read and plan a benchmark; whether all that it needs exists is not checked yet.

    Raises:
        UsageError: a file, table, key or value is wrong, or no cell can run.
        NotReadyError: a plugin that is named is broken.
    """
    check_name(path)
    registry_sets, benchmark_sets = split_settings(options.sets)
    registry = Registry(path.resolve().parent, sets=registry_sets, files=options.registries)
    benchmark = read_benchmark(path, benchmark_sets, options.scale)
    parts = Parts(registry, path)
    cells = expand(benchmark, parts)
    check_permits(benchmark, parts, cells)
    check_ready(benchmark)
    plan = make_plan(benchmark, parts, cells)
    _check_primary(plan)
    _check_rows(plan)
    workspace = Workspace.at(options.workspace, path)
    return Prepared(benchmark, registry, parts, plan, workspace, command_of(path, options))


def command_of(path: Path, options: Options) -> tuple[str, ...]:
    """Return the command that runs this again; files are named without their folders."""
    sets = [word for text in options.sets for word in ("--set", Mask()(_without_folder(text)))]
    registries = [word for file in options.registries for word in ("--registry", file.name)]
    skip = ["--skip-not-ready"] if options.skip_not_ready else []
    scale = ["--scale", options.scale] if options.scale else []
    return ("deshi", "run", path.name, *scale, *sets, *registries, *skip)


def _without_folder(text: str) -> str:
    """Return a `PATH=VALUE` whose value, if it is an absolute path, has lost its folders."""
    key, sign, value = text.partition("=")
    bare = value.strip("\"'")
    return f"{key}{sign}{Path(bare).name}" if Path(bare).is_absolute() else text


def _check_rows(plan: Plan) -> None:
    if not any(row.runs for row in plan.rows):
        reasons = "; ".join(sorted({row.cell.reason for row in plan.rows}))
        where = f"{plan.benchmark.path}: [matrix]"
        raise UsageError(f"no cell can run: {reasons}", where=where, fix="change the combination")


def _check_primary(plan: Plan) -> None:
    primary = plan.metrics[0]
    if primary.direction == "none":
        raise UsageError(
            f"metric '{primary.label}' has no direction, and rows are ranked by the first metric",
            where=f"{plan.benchmark.path}: [benchmark] metrics",
            fix="put one that has a direction first, such as jaccard",
        )


def run(path: Path, options: Options | None = None, watcher: Watcher | None = None) -> Results:
    """Run a benchmark and return its results, which are saved in the workspace too.

    What an earlier run left is read; only what is missing is made.

    Raises:
        UsageError: a file, table, key or value is wrong, or the corpus does not bear the sizes.
        NotReadyError: something that is named is not ready, or a teacher cannot be called any longer.
        BudgetReached: a teacher's next call might exceed a budget.
    """
    options = options or Options()
    if type(options.workers) is not int or options.workers < 1:
        what = f"{options.workers!r} is not a number of workers"
        raise UsageError(what, where="workers", fix="give a whole number from 1")
    watcher = watcher or Watcher()
    with redirect_stdout(sys.stderr):  # what components print is no result
        prepared = prepare(path, options)
        prepared.workspace.check_usable()
        with run_lock(prepared.workspace.root):
            return _run(prepared, options, watcher)


def _run(prepared: Prepared, options: Options, watcher: Watcher) -> Results:
    executor = None
    if options.executor is not None:
        executor = prepared.registry.executor(options.executor)
    plan, space = ready_plan(prepared, skip=options.skip_not_ready), prepared.workspace
    _check_rows(plan)
    watcher.planned(plan, missing_stages(plan.stages, space.store))
    space.save_plan(plan.run_name, SavedPlan.of(plan))
    account = Account(run=plan.run_name, cap=nano(options.budget))
    loop = StageRuns(space.store, prepared.registry, watcher, account, options.workers, executor)
    try:
        plan, done = _run_stages(plan, loop, space)
    except SizesError as error:
        raise merge_errors([error, *_as_short(plan, loop)]) from None
    prepared = replace(prepared, plan=plan)
    failed = failed_metrics(done)
    comparison = _compare(prepared, done, loop, failed)
    traces = [f.trace for f in done.values() if f.trace]
    traces += [failure.trace for failure in failed.values()]
    space.save_failures(plan.run_name, traces)
    results = assemble(prepared, done, comparison, failed)
    space.save_results(plan.run_name, results.to_json())
    prepared.registry.catalog.notify("deshi_run_finished", results.to_json())
    return results


def _as_short(plan: Plan, loop: StageRuns) -> Iterator[SizesError]:
    """Yield what other splits are short of, so that what is proposed fits all of them."""
    for address, stage in plan.stages.items():
        if stage.name == "split":
            try:
                loop.run({address: stage})
            except SizesError as error:
                yield error


def _run_stages(plan: Plan, loop: StageRuns, space: Workspace) -> tuple[Plan, dict[str, Finished]]:
    """Run all stages; with `[abandon]` the first runs of all rows, then those of the rows that stay."""
    rule = plan.benchmark.abandon
    if rule is None:
        return plan, loop.run(plan.stages)
    later = later_stages(plan, rule)
    done = loop.run({a: stage for a, stage in plan.stages.items() if a not in later})
    plan = abandon_rows(plan, rule, space.store)
    abandoned = later - {
        a for row in plan.rows if not row.cell.reason for run in row.runs for a in run.stages
    }
    rest = {a: stage for a, stage in plan.stages.items() if a not in abandoned}
    return plan, loop.run(rest, done)


def failed_metrics(done: Mapping[str, Finished]) -> dict[str, Failure]:
    """Return the metrics that failed for some row, by name, each with its first failure."""
    failed: dict[str, Failure] = {}
    for finished in done.values():
        if isinstance(finished.manifest, ScoreManifest):
            failed = {**finished.manifest.figures.failed, **failed}
    return failed


def _compare(
    prepared: Prepared, done: dict[str, Finished], loop: StageRuns, failed: dict[str, Failure]
) -> Standings:
    """Compare the rows on the metrics that are left; add to `failed` those that fail by then.

    What that reads and is damaged is made again first.
    """
    plan, space = prepared.plan, prepared.workspace
    left = replace(plan, metrics=tuple(part for part in plan.metrics if part.label not in failed))
    known = {a: stage for a, stage in plan.stages.items() if a in done or stage.name == "fit"}
    tried: set[str] = set()
    while left.metrics and (stage := compare_stage(left, done)) is not None:
        done.update(loop.run({**known, stage.address: stage}, done))
        finished = done.pop(stage.address)
        if finished.status != "blocked" or stage.address in tried:
            break
        tried.add(stage.address)  # a score could not be made again: once more without its row
    else:
        return Standings()
    done[stage.address] = finished
    space.save_plan(plan.run_name, SavedPlan.of(plan, stage.address))
    if finished.status in ("failed", "blocked"):
        space.save_failures(plan.run_name, [finished.trace])
        where = space.failures(plan.run_name)
        raise ComponentError(finished.reason, where="compare", fix=f"its traceback is in {where}")
    if isinstance(finished.manifest, CompareManifest):
        failed |= finished.manifest.figures.failed
    return Standings.read(space.store.folder(stage.address))


def compare_stage(plan: Plan, done: Mapping[str, Finished]) -> Stage | None:
    """Return the stage that compares the rows whose every run is scored; None if there is none."""
    groups: dict[str, list[PlannedRow]] = {}
    there = {address for address, ended in done.items() if ended.status in ("made", "found")}
    for row in plan.rows:
        if row.runs and not row.cell.reason and there.issuperset(run.score for run in row.runs):
            groups.setdefault(group_of(row, done), []).append(row)
    if not groups:
        return None
    settings = plan.benchmark.settings
    params = CompareParams(
        groups=tuple(_compared_group(name, rows) for name, rows in groups.items()),
        metrics=plan.metrics,
        resamples=settings.resamples,
        made=tuple(name for name in settings.baselines if name in DERIVED),
    )
    identity = {
        "groups": params.groups,
        "metrics": [[part.label, part.identity, part.direction] for part in plan.metrics],
        "resamples": params.resamples,
        "made": params.made,
    }
    code = code_key(params.parts())
    key = key_of({"revision": STAGE_REVISION["compare"], "identity": identity, **code})
    used = [address for group in params.groups for address in group.addresses()]
    return Stage(f"compare/{key}", "compare", params, {address: address for address in used})


def _compared_group(name: str, rows: Sequence[PlannedRow]) -> ComparedGroup:
    return ComparedGroup(
        id=name,
        gold=gold_kind(rows[0]),
        evaluations=tuple(dict.fromkeys(row.evaluation for row in rows)),
        rows=tuple(
            ComparedRow(
                id=row.id,
                baseline=row.cell.baseline,
                deterministic=row.runs[0].seed is None,
                scores=tuple(run.score for run in row.runs),
                predictions=tuple(run.predictions for run in row.runs),
            )
            for row in rows
        ),
    )
