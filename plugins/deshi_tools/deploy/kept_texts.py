"""Whether a fitted student holds the texts that it learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deshi.runs.kept_texts import holds_texts

if TYPE_CHECKING:
    from deshi.runs.fitted_student import FittedStudent
    from deshi.runs.saved_run import SavedRow, SavedRun

_CAPABILITY = "keeps-texts"


def keeps_texts(run: SavedRun, row: SavedRow, fitted: FittedStudent) -> bool:
    """Say whether a student, or one that it combines, keeps texts.

    Its spec says so by the capability; a plugin that forgot to is seen by the texts in its files.
    """
    announced = any(_CAPABILITY in part.capabilities for part in fitted.part.whole())
    return announced or fitted.can(_CAPABILITY) or holds_texts(fitted.folder, _learned(run, row))


def _learned(run: SavedRun, row: SavedRow) -> Sequence[str]:
    found = run.pairs(row)
    pairs = [pair for part in ("train", "valid") for pair in found.get(part, ())]
    return [str(pair[name]) for pair in pairs for name in ("source", "text")]
