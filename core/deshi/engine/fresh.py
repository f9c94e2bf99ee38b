"""Rows that are made again from the training on: never what a teacher answered."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from deshi.engine.readiness import ready_plan
from deshi.workspace.manifest import MANIFEST
from deshi.workspace.removal import remove, without_runs
from deshi.workspace.store import Store
from deshi.workspace.workspace import Workspace

if TYPE_CHECKING:
    from deshi.engine.prepared import Prepared

_AGAIN: Final = ("fit", "validate", "predict", "score")


def without_rows(prepared: Prepared, rows: Collection[str]) -> Prepared:
    """Return a plan as if rows, by their ids, had never been trained, nor what depends on them."""
    found = {
        address
        for row in prepared.plan.rows
        if row.id in rows
        for run in row.runs
        for address in run.stages
        if address.startswith(_AGAIN)
    }
    for address, stage in prepared.plan.stages.items():  # inputs come first
        if found.intersection(stage.inputs.values()):
            found.add(address)
    root = prepared.workspace.root
    for path in root.glob(f"artefacts/compare/*/*/{MANIFEST}"):
        address = f"compare/{path.parent.name}"
        manifest = prepared.workspace.store.manifest(address)
        if manifest is None or found.intersection(manifest.inputs.values()):
            found.add(address)
    space = Workspace(root)
    space.store = Store(root, frozenset(found))
    return replace(prepared, workspace=space)


def discard(prepared: Prepared, *, skip: bool) -> int:
    """Remove what `without_rows` hides, if all that it takes to make it again is there.

    Return the stages of the plan that this removed.

    Raises:
        NotReadyError: something is not ready, and nothing was removed.
        UsageError: a run is in progress in this workspace.
    """
    ready_plan(prepared, skip=skip)
    store = Store(prepared.workspace.root)
    with without_runs(store.root, "--fresh"):
        there = [address for address in prepared.workspace.store.hidden if store.has(address)]
        for address in there:
            remove(store, address)
            shutil.rmtree(store.root / "scratch" / address.replace("/", "-"), ignore_errors=True)
    return len([address for address in there if address in prepared.plan.stages])
