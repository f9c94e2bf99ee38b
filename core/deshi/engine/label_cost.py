"""What a row's labels cost, from the manifests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deshi.api import Json
from deshi.benchmark.permits import sources, whole
from deshi.labelling.ledger.transitions import NANO
from deshi.workspace.manifest import AnswerManifest, LabelManifest

if TYPE_CHECKING:
    from deshi.benchmark.axes import Cell
    from deshi.benchmark.parts import Parts
    from deshi.benchmark.plan import PlannedRow
    from deshi.workspace.finished import Finished


def bill(row: PlannedRow, done: Mapping[str, Finished], parts: Parts) -> dict[str, Json]:
    """Return the fields of a row about its labels: cost in USD, per 1,000 kept, loopback.

    A row whose answers are a teacher's costs what these answers did.
    """
    cell = row.cell
    address = row.runs[0].predictions if cell.is_teacher else row.label
    finished = done.get(address)
    nano, kept = 0, 0
    match finished.manifest if finished else None:
        case LabelManifest(figures=figures):
            nano, kept = figures.cost_nano_usd, figures.accepted
        case AnswerManifest(figures=figures):
            nano, kept = figures.cost_nano_usd, figures.texts
    return {
        "cost_usd": nano / NANO,
        "usd_per_1000": nano / NANO / kept * 1000 if kept and nano else None,
        "loopback": _is_loopback(cell, parts),
    }


def _is_loopback(cell: Cell, parts: Parts) -> bool:
    """Whether a row's labels, or its answers, come from a server on the machine itself."""
    if cell.is_teacher:
        return any(found.is_loopback for _, _, found in whole(parts, "teacher", cell.student))
    return any(found.is_loopback for _, _, found in sources(parts, cell))
