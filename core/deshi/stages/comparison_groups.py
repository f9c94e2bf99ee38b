"""Comparison groups: rows that were evaluated on the same texts against the same gold.

The plan cannot always tell: a filter on training texts changes nothing of the test, one on labels may
drop test texts, and a training size never does. So the content decides, by a digest that every
labelling stage leaves in its manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deshi.benchmark.stage_params import Gold
from deshi.keys import key_of
from deshi.workspace.manifest import LabelManifest

if TYPE_CHECKING:
    from deshi.benchmark.plan import PlannedRow
    from deshi.workspace.manifest import Finished


def judged_digests(rows: Sequence[Mapping[str, Any]]) -> dict[Gold, str]:
    """Return what identifies test sets, from the rows of `PAIRS`: one digest per kind of gold."""
    test = [row for row in rows if row["part"] == "test"]
    fields = ("id", "document", "text")  # the documents too: they are what is resampled
    labels = [[*(row[k] for k in fields), row["samples"][0]] for row in test if row["kept"]]
    references = [
        [*(row[k] for k in fields), row["references"]] for row in test if row["references"]
    ]
    return {"labels": key_of(labels), "references": key_of(references)}


def gold_kind(row: PlannedRow) -> Gold:
    """Return whether a row is scored against a teacher's `labels` or the corpus' `references`."""
    return "references" if row.cell.gold.use == "reference" else "labels"


def group_of(row: PlannedRow, done: Mapping[str, Finished]) -> str:
    """Return the group of a row; before its test set is labelled, the one that the plan expects."""
    finished = done.get(row.evaluation)
    if finished is None or not isinstance(finished.manifest, LabelManifest):
        return row.group
    digest = finished.manifest.figures.judged[gold_kind(row)]
    return key_of({"gold": row.gold, "judged": digest})
