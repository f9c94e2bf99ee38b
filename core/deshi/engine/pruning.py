"""Abandon rows that are hopeless on the validation texts, so that they cost no further training runs.

A row is abandoned if the Wilcoxon signed-rank test over validation documents (the pruner of Optuna) says
that it is worse than the best row that learned from the same labels. Test texts play no part in that.
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from statistics import fmean
from typing import TYPE_CHECKING

from deshi.api import NotReadyError, install_command
from deshi.stages.validate import read_validation

if TYPE_CHECKING:
    from deshi.benchmark.file import Benchmark
    from deshi.benchmark.plan import Plan, PlannedRow
    from deshi.benchmark.settings import Abandon
    from deshi.workspace.store import Store

Documents = Mapping[str, float]
"""The primary metric of a row on each validation document."""


@dataclass(frozen=True)
class AbandonedRow:
    """A row that is abandoned: which row beats it, on how many documents, by how much."""

    best: str
    documents: int
    difference: float


def check_ready(benchmark: Benchmark) -> None:
    """Raise NotReadyError where a benchmark has `[abandon]` and Optuna is missing."""
    if benchmark.abandon is not None and find_spec("optuna") is None:
        raise NotReadyError(
            "it needs optuna, which is not installed",
            where=f"{benchmark.path}: [abandon]",
            fix=f"run `{install_command('sweep')}`, or leave the table out",
        )


def later_stages(plan: Plan, rule: Abandon) -> set[str]:
    """Return the stages that wait for the decision: those of the further runs alone."""
    first: set[str] = set()
    later: set[str] = set()
    for row in plan.rows:
        before = rule.after if _is_candidate(row, rule) else len(row.runs)
        for at, run in enumerate(row.runs):
            (first if at < before else later).update(run.stages)
    return later - first


def _is_candidate(row: PlannedRow, rule: Abandon) -> bool:
    """Say whether a row could be abandoned: it has runs to save, and its student can be saved."""
    return not row.cell.baseline and len(row.runs) > rule.after and bool(row.validations[0])


def abandon_rows(plan: Plan, rule: Abandon, store: Store) -> Plan:
    """Return the plan with the hopeless rows as n/a, after the first runs of all rows."""
    groups: dict[str, dict[str, Documents]] = defaultdict(dict)
    for row in plan.rows:
        addresses = [found for found in row.validations[: rule.after] if found]
        if not row.cell.baseline and addresses and all(map(store.has, addresses)):
            found = [read_validation(store.folder(address)) for address in addresses]
            groups[f"{row.label} {row.group}"][row.id] = _mean(found)
    higher = plan.metrics[0].direction == "higher"
    abandoned: dict[str, AbandonedRow] = {}
    for rows in groups.values():
        abandoned |= rows_to_abandon(rows, rule, higher=higher)
    metric = plan.metrics[0].label
    rows_left = [
        _abandoned(row, abandoned[row.id], rule, metric)
        if row.id in abandoned and _is_candidate(row, rule)
        else row
        for row in plan.rows
    ]
    return replace(plan, rows=tuple(rows_left))


def rows_to_abandon(
    rows: Mapping[str, Documents], rule: Abandon, *, higher: bool
) -> dict[str, AbandonedRow]:
    """Return the rows that are worse than the best of them significantly, and beyond the margin.

    `rows` has, by the row's id, the metric on each document; `higher` says which way is better.
    """
    import optuna

    optuna.logging.set_verbosity(logging.WARNING)
    known = {name: documents for name, documents in rows.items() if documents}
    if len(known) < 2:
        return {}
    sign = 1.0 if higher else -1.0
    best = max(known, key=lambda name: (sign * fmean(known[name].values()), name))
    order = list(known[best])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        pruner = optuna.pruners.WilcoxonPruner(p_threshold=rule.p, n_startup_steps=len(order))
    study = optuna.create_study(direction="maximize", pruner=pruner)
    leader = {step: sign * known[best][name] for step, name in enumerate(order)}
    study.add_trial(
        optuna.trial.create_trial(value=fmean(leader.values()), intermediate_values=leader)
    )
    found: dict[str, AbandonedRow] = {}
    for name, documents in known.items():
        shared = [step for step, document in enumerate(order) if document in documents]
        if name == best or len(shared) < len(order):
            continue
        trial = study.ask()
        for step in shared:
            trial.report(sign * documents[order[step]] + rule.margin, step)
        if trial.should_prune():
            difference = fmean(documents.values()) - fmean(known[best].values())
            found[name] = AbandonedRow(best, len(order), difference)
        pruned = optuna.trial.TrialState.PRUNED  # so that the leader stays the leader
        study.tell(trial, state=pruned)
    return found


def _abandoned(row: PlannedRow, one: AbandonedRow, rule: Abandon, metric: str) -> PlannedRow:
    runs = "1 training run" if rule.after == 1 else f"{rule.after} training runs"
    reason = (
        f"abandoned after {runs} of {len(row.runs)}: on {one.documents} validation documents its "
        f"{metric} differs by {one.difference:+.3f} from {one.best}"
    )
    return replace(row, cell=replace(row.cell, reason=reason))


def _mean(runs: Sequence[Documents]) -> Documents:
    shared = [name for name in runs[0] if all(name in run for run in runs)]
    return {name: fmean(run[name] for run in runs) for name in shared}
