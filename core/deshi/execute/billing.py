"""What a row's labels cost, as the manifests tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deshi.api import Json
from deshi.execute.calls.settings import NANO

if TYPE_CHECKING:
    from deshi.benchmark.parts import Parts
    from deshi.benchmark.plan import Row
    from deshi.execute.task import Finished


def bill(row: Row, done: Mapping[str, Finished], parts: Parts) -> dict[str, Json]:
    """Return the fields of a row that tell of its labels: cost in USD, per 1,000 kept, loopback.

    A row whose answers are a teacher's costs what these answers did.
    """
    cell = row.cell
    address = row.runs[0].predict if cell.is_teacher else row.gather
    finished = done.get(address)
    figures = finished.manifest["figures"] if finished and finished.manifest else {}
    nano = int(figures.get("cost_nano_usd", 0))
    kept = figures.get("texts") or sum(figures.get("parts", {}).values())
    asked = [cell.student] if cell.is_teacher else [cell.teacher]
    if not cell.is_teacher and cell.rewriter.use not in ("own", "none"):
        asked.append(cell.rewriter)
    return {
        "cost_usd": nano / NANO,
        "usd_per_1000": nano / NANO / kept * 1000 if kept and nano else None,
        "loopback": any(parts.get("teacher", choice).is_loopback for choice in asked),
    }
