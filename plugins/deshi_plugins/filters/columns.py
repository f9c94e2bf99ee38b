"""Verdicts in columns: what the filters that judge batches have in common."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Drop, Edit, Verdict

_NAMES = ("reason", "detail", "note", "text")


def verdicts(
    *,
    reason: pa.Array,
    detail: pa.Array,
    note: pa.Array | None = None,
    text: pa.Array | None = None,
) -> pa.RecordBatch:
    """Return verdicts in columns; a reason drops, a note edits, null in both keeps."""
    empty = pa.nulls(len(reason), pa.string())
    columns = [reason, detail, empty if note is None else note, empty if text is None else text]
    return pa.RecordBatch.from_arrays(columns, list(_NAMES))


def judged_where(
    suspect: pa.BooleanArray, texts: pa.Array, judge: Callable[[str], Verdict]
) -> pa.RecordBatch:
    """Return the verdicts of `judge` on the texts that are suspect; all others are kept."""
    said = list(map(judge, texts.filter(suspect).to_pylist()))
    empty = pa.nulls(len(texts), pa.string())
    columns = [
        pc.replace_with_mask(empty, suspect, pa.array(column, pa.string()))
        for column in zip(*map(_row, said), strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns or [empty] * len(_NAMES), list(_NAMES))


def _row(verdict: Verdict) -> tuple[str | None, str | None, str | None, str | None]:
    if isinstance(verdict, Drop):
        return verdict.reason, verdict.detail, None, None
    if isinstance(verdict, Edit):
        return None, None, verdict.note, verdict.text
    return None, None, None, None
