"""What a row's labels cost, from the manifests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deshi.api import Json
from deshi.benchmark.permits import sources, whole
from deshi.labelling.ledger.transitions import NANO
from deshi.workspace.manifest import AnswerManifest, LabelManifest

if TYPE_CHECKING:
    from deshi.benchmark.parts import Parts
    from deshi.benchmark.plan import PlannedRow
    from deshi.workspace.manifest import Finished


def bill(row: PlannedRow, done: Mapping[str, Finished], parts: Parts) -> dict[str, Json]:
    """Return the fields of a row about its labels: cost in USD, per 1,000 kept, and `loopback`.

    The last says whether they come from a server on the machine itself. A row whose answers are a
    teacher's costs what these answers did.
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
    asked = whole(parts, "teacher", cell.student) if cell.is_teacher else sources(parts, cell)
    return {
        "cost_usd": nano / NANO,
        "usd_per_1000": nano / NANO / kept * 1000 if kept and nano else None,
        "loopback": any(found.is_loopback for _, _, found in asked),
    }
