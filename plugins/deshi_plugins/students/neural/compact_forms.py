"""The exported forms of a T5: 8 bits, 32 bits, and 8 bits that ask the 32 where the answer is close.

Rounding weights to 8 bits moves scores a little, and that changes an answer only where two emoji are
nearly as likely. The usual form therefore keeps the model twice. The 8-bit one answers every text; where
its two likeliest emoji are less than a tenth apart, the 32-bit one answers anew.
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
"""How CTranslate2 names the weights of the simple forms."""
_CLOSE: Final = 0.1
"""Two emoji are close where the likelier is less than exp(0.1) times as likely as the other: the median
change that 8 bits make to this ratio was 0.035, of a T5 of width 256."""


def parts(form: str, folder: Path) -> dict[Path, str | None]:
    """Return the folders that a form consists of, with the rounding of each."""
    if form == BOTH:
        return {folder / name: weights for name, weights in _PARTS.items()}
    return {folder: _PARTS[form]}


def opened(form: str, folder: Path, params: T5Params, env: Env) -> Exported:
    """Return what answers in this form."""
    if form != BOTH:
        return CompactT5(folder, params, env)
    quick, exact = (CompactT5(part, params, env) for part in parts(form, folder))
    return CloseAnsweredTwice(quick, exact)


class CloseAnsweredTwice:
    """Answers quickly, and again exactly where the two likeliest emoji are close."""

    def __init__(self, quick: CompactT5, exact: CompactT5, close: float = _CLOSE) -> None:
        self._quick = quick
        self._exact = exact
        self._close = close

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction a text, in order."""
        found, margins = self._quick.answered(texts)
        close = np.flatnonzero(margins < self._close).tolist()
        exact = self._exact.predict([texts[row] for row in close])
        for row, answer in zip(close, exact, strict=True):
            found[row] = answer
        return found
