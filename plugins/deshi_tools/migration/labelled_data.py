"""What a teacher's labels left in a run: one folder for each set of texts that it was given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deshi.api import Json, Part
from deshi.stages.parquet_tables import emoji_sets, read_table
from deshi.workspace.manifest import LabelManifest

if TYPE_CHECKING:
    from deshi.runs.saved_run import SavedRun

CONTEXT = ("corpus", "chain", "rewriter", "train")
"""The axes that say which texts a teacher was given."""


@dataclass(frozen=True)
class LabelledData:
    """The folder of a labelling stage, and what made it."""

    folder: Path
    manifest: LabelManifest

    def texts(self, part: Part) -> dict[str, dict[str, Json]]:
        """Return the texts of a part by id, with `text`, `source` and `samples`, kept or not."""
        rows = read_table(self.folder / "pairs.parquet")
        return {
            row["id"]: row | {"samples": emoji_sets(row["samples"])}
            for row in rows
            if row["part"] == part
        }

    def drops(self, part: Part) -> list[dict[str, Json]]:
        """Return what was dropped from a part, each with `id`, `document`, `filter` and `reason`."""
        rows = read_table(self.folder / "decisions.parquet")
        return [row for row in rows if row["part"] == part and row["verdict"] == "drop"]


def labelled_data(run: SavedRun, teacher: str) -> dict[tuple[str | None, ...], LabelledData]:
    """Return what a teacher's labels left, by corpus, chain, rewriter and training size."""
    found: dict[tuple[str | None, ...], LabelledData] = {}
    for row in run.results.rows:
        planned = run.plan.rows.get(row.id)
        if row.cell["teacher"] == teacher and planned and planned.label:
            context = tuple(row.cell.get(axis) for axis in CONTEXT)
            manifest = run.manifest(planned.label, LabelManifest)
            found[context] = LabelledData(run.folder(planned.label), manifest)
    return found
