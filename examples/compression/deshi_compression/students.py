"""A classifier by compression: the emoji whose training texts compress a new text best."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from deshi.api import ComponentError, Env, Examples, FitReport, Help, Loss, Prediction, Text

WINDOW = 32_000
"""The window of zlib, in bytes; the texts of a frequent emoji are cut to it."""
_FILE = "shelves.json"


@dataclass(frozen=True, kw_only=True)
class CompressorParams:
    """Parameters of `zlib`."""

    answers: Annotated[int, Help("Emoji per prediction.", ge=1, le=5)] = 1
    least: Annotated[int, Help("Minimum number of training texts of a predicted emoji.", ge=1)] = 2


class Compressor:
    """Keeps a shelf of training texts for each emoji, and a compressor that has read it."""

    def __init__(self, params: CompressorParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._shelves: dict[str, str] = {}
        self._readers: dict[str, zlib._Compress] = {}

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Put each text on the shelves of its emoji; emoji with few texts have none."""
        symbols = train.alphabet.symbols
        enough = {e for e, n in zip(symbols, train.counts, strict=True) if n >= self.params.least}
        known = enough or set(symbols)
        shelves: dict[str, list[str]] = {}
        for text, expected in zip(train.texts, train.expected, strict=True):
            for emoji in dict.fromkeys(expected.references[0]):
                if emoji in known:
                    shelves.setdefault(emoji, []).append(text.text)
        self._shelves = {e: "\n".join(shelves[e]) for e in symbols if e in shelves}
        return FitReport(epochs=1, notes={"shelves": len(self._shelves)})

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return the emoji whose shelves save most bytes; the ranking's scores are these bytes."""
        return [self._predict(text.text) for text in texts]

    def explain(self, texts: Sequence[Text]) -> Sequence[tuple[str, ...]]:
        """Return the bytes that the three best shelves save."""
        reasons = []
        for text in texts:
            ranked = self._predict(text.text).ranked or ()
            reasons.append(
                tuple(f"texts with {e} save {bytes_:.0f} bytes" for e, bytes_ in ranked[:3])
            )
        return reasons

    def _predict(self, text: str) -> Prediction:
        if not self._shelves:
            raise ComponentError("it is not fitted", fix="call fit first")
        data = text.encode("utf-8", "replace")
        alone = _added(zlib.compressobj(9), data)
        emojis = list(self._shelves)
        saved = np.array([alone - _added(self._reader(emoji).copy(), data) for emoji in emojis])
        order = np.argsort(-saved, kind="stable")
        ranked = tuple((emojis[at], float(saved[at])) for at in order[:20])
        return Prediction(tuple(emoji for emoji, _ in ranked[: self.params.answers]), 0, ranked)

    def _reader(self, emoji: str) -> zlib._Compress:
        """Return a compressor that has read the emoji's shelf, its output discarded."""
        if emoji not in self._readers:
            shelf = self._shelves[emoji].encode("utf-8", "replace")[-WINDOW:]
            reader = zlib.compressobj(9)
            reader.compress(shelf)
            reader.flush(zlib.Z_SYNC_FLUSH)
            self._readers[emoji] = reader
        return self._readers[emoji]

    def save(self, folder: Path) -> None:
        """Write the shelves."""
        text = json.dumps(self._shelves, ensure_ascii=False)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: CompressorParams, env: Env) -> Compressor:
        """Return the student that was saved."""
        student = cls(params, env)
        student._shelves = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return student


def _added(reader: zlib._Compress, data: bytes) -> int:
    """Return the bytes that a text adds to what was read before."""
    return len(reader.compress(data)) + len(reader.flush(zlib.Z_SYNC_FLUSH))
