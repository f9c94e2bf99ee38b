"""Verdicts in columns: what the filters that decide batches have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
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


def verdicts_where(
    suspect: pa.BooleanArray, texts: pa.Array, verdict: Callable[[str], Verdict]
) -> pa.RecordBatch:
    """Return the verdicts of `verdict` on the texts that are suspect; all others are kept."""
    rows = [_row(verdict(text)) for text in texts.filter(suspect).to_pylist()]
    empty = pa.nulls(len(texts), pa.string())
    columns = [
        pc.replace_with_mask(empty, suspect, pa.array(column, pa.string()))
        if any(value is not None for value in column)
        else empty
        for column in zip(*rows, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns or [empty] * len(_NAMES), list(_NAMES))


def rows_with(texts: pa.StringArray, sequences: Sequence[bytes]) -> pa.BooleanArray:
    """Say which texts hold one of some byte sequences, all within one character."""
    has = np.zeros(len(texts), np.bool_)
    if len(texts):
        offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
        data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
        hits = np.zeros(len(data), np.bool_)
        for sequence in sequences:
            hit = data == sequence[0]
            for offset, byte in enumerate(sequence[1:], 1):
                hit[:-offset] &= data[offset:] == byte
            hits |= hit
        has[np.searchsorted(offsets - offsets[0], np.flatnonzero(hits), "right") - 1] = True
    return pa.array(has)


def rows_ending_with(texts: pa.StringArray, characters: str) -> pa.BooleanArray:
    """Say which texts end with one of some characters, each of one or three bytes in UTF-8."""
    if not len(texts):
        return pa.array([], pa.bool_())
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    held = memoryview(texts.buffers()[2] or b"")[offsets[0] : offsets[-1]]
    data = np.frombuffer(b"\0\0\0" + held, np.uint8)  # so that three bytes stand before every end
    ends = offsets[1:] - offsets[0]
    last = data[ends].astype(np.int32) << 16 | data[ends + 1].astype(np.int32) << 8 | data[ends + 2]
    codes = [int.from_bytes(one.encode(), "big") for one in characters]
    ends = np.isin(last, codes) | np.isin(last & 0xFF, [code for code in codes if code < 0x80])
    return pa.array(ends & (np.diff(offsets) > 0))


def _row(verdict: Verdict) -> tuple[str | None, str | None, str | None, str | None]:
    if isinstance(verdict, Drop):
        return verdict.reason, verdict.detail or None, None, None
    if isinstance(verdict, Edit):
        return None, None, verdict.note, verdict.text
    return None, None, None, None
