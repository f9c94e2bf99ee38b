"""All that is damaged in a workspace, with what happens about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import UsageError
from deshi.workspace.workspace import read_plan
from deshi_tools.ledger_view.repair import damaged_answers
from deshi_tools.workspace_view.garbage import addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deshi.workspace.workspace import Workspace

_MADE_AGAIN = "the next run of its benchmark makes it again"
_DROPPED = "`deshi ledger import` of an export repairs it; `deshi ledger repair` drops it"

Damage = tuple[str, str, str]
"""What is damaged, the file, and what happens about it."""


def find_damage(space: Workspace) -> tuple[str, list[Damage]]:
    """Read all artefacts, runs and answers; return how many there are, and what is damaged.

    What is found is noted, so that the next run of a benchmark makes it again.
    """
    artefacts, runs = list(addresses(space.store)), _runs(space)
    found = [
        *((a, file, _MADE_AGAIN) for a in artefacts if (file := _damaged_file(space, a))),
        *(one for name in runs for one in _damaged_files_of_run(space, name)),
        *_damaged_answers(space),
    ]
    return f"{len(artefacts)} artefacts, {len(runs)} runs and the ledger verified", found


def _damaged_file(space: Workspace, address: str) -> str:
    """Return the damaged file of an artefact; one without a manifest that is believed is damaged too."""
    lost = "" if space.store.has(address) else "manifest.json"
    return space.store.damage(address) or lost


def _runs(space: Workspace) -> list[str]:
    return sorted({path.parent.name for path in space.root.glob("runs/*/*.json")})


def _damaged_files_of_run(space: Workspace, name: str) -> Iterator[Damage]:
    reads: dict[str, Callable[[], object]] = {
        "plan.json": lambda: read_plan(space.root / "runs" / name / "plan.json"),
        "results.json": lambda: space.results(name),
    }
    for file, read in reads.items():
        if file == "results.json" and not (space.root / "runs" / name / file).exists():
            continue  # a run that did not end
        try:
            read()
        except UsageError as error:
            yield f"run {name}", file, str(error).rpartition("; ")[2]


def _damaged_answers(space: Workspace) -> Iterator[Damage]:
    try:
        damaged = damaged_answers(space.root)
    except UsageError as error:
        yield "ledger", "ledger.sqlite", str(error).partition("; ")[2]
        return
    for entry, answers in sorted(damaged.items()):
        what = f"ledger: {answers} answers of '{entry}'" if entry else "ledger: the file itself"
        yield what, "ledger.sqlite", _DROPPED
