"""Rows that are made again from the training on: never what a teacher answered."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from deshi.engine.readiness import ready_plan
from deshi.workspace.manifest import MANIFEST, Manifest
from deshi.workspace.removal import remove, without_runs
from deshi.workspace.store import Store
from deshi.workspace.workspace import Workspace

if TYPE_CHECKING:
    from deshi.engine.prepared import Prepared

_AGAIN: Final = ("fit", "validate", "predict", "score")


class _Without(Store):
    """A store in which some artefacts seem absent."""

    hidden: frozenset[str] = frozenset()

    def manifest(self, address: str) -> Manifest | None:
        """Return an artefact's manifest, or None."""
        return None if address in self.hidden else super().manifest(address)

    def has(self, address: str) -> bool:
        """Say whether an artefact is there."""
        return address not in self.hidden and super().has(address)


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
    space.store = _Without(root)
    space.store.hidden = frozenset(found)
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
    hidden: frozenset[str] = getattr(prepared.workspace.store, "hidden", frozenset())
    with without_runs(store.root, "--fresh"):
        there = [address for address in hidden if store.has(address)]
        for address in there:
            remove(store, address)
            shutil.rmtree(store.root / "scratch" / address.replace("/", "-"), ignore_errors=True)
    return len([address for address in there if address in prepared.plan.stages])
