"""The exported forms of a T5: 8 bits, 32 bits, and 8 bits with 32 for close predictions.

Rounding weights to 8 bits changes scores slightly, which changes a prediction only where two emoji are
almost equally likely. The usual form therefore keeps the model twice. The 8-bit one predicts for every
text; where its two most probable emoji are less than a tenth apart, the 32-bit one predicts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from deshi.api import Prediction, Text
from deshi_plugins.students.neural.compact_t5 import CompactT5

if TYPE_CHECKING:
    from deshi.api import Env, Exported
    from deshi_plugins.students.neural.params import T5Params

BOTH: Final = "ctranslate2"
INT8: Final = "ctranslate2-int8"
FLOAT32: Final = "ctranslate2-float32"
FORMS: Final = (BOTH, INT8, FLOAT32)
_PARTS: Final = {INT8: "int8", FLOAT32: None}
"""CTranslate2's names of the weights of the simple forms."""
_CLOSE: Final = 0.1
"""Two emoji are close where the likelier is less than exp(0.1) times as likely as the other: the median
change that 8 bits make to this ratio was 0.035, of a T5 of width 256."""


def form_folders(form: str, folder: Path) -> dict[Path, str | None]:
    """Return the folders that a form consists of, with the rounding of each."""
    if form == BOTH:
        return {folder / name: weights for name, weights in _PARTS.items()}
    return {folder: _PARTS[form]}


def open_form(form: str, folder: Path, params: T5Params, env: Env) -> Exported:
    """Return the exported student of this form."""
    if form != BOTH:
        return CompactT5(folder, params, env)
    quick, exact = (CompactT5(part, params, env) for part in form_folders(form, folder))
    return TwoPrecisionT5(quick, exact)


class TwoPrecisionT5:
    """An 8-bit T5, and a 32-bit one where the two most probable emoji are close."""

    def __init__(self, quick: CompactT5, exact: CompactT5, close: float = _CLOSE) -> None:
        self._quick = quick
        self._exact = exact
        self._close = close

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        predicted, margins = self._quick.predict_with_margins(texts)
        close = np.flatnonzero(margins < self._close).tolist()
        exact = self._exact.predict([texts[row] for row in close])
        for row, prediction in zip(close, exact, strict=True):
            predicted[row] = prediction
        return predicted
