"""The student `constant`: the same prediction for every text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deshi.api import ComponentError, Env, Examples, FitReport, Loss, NoParams, Prediction, Text
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.selection import RANKED, jaccard_by_size
from deshi_plugins.students.targets import check_trainable

_FILE = "constant.json"


class Constant:
    """Predicts the k most frequent emoji of the training labels, k chosen on validation.

    The majority baseline: what can be reached without reading the text.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._size = 1
        self._ranked: tuple[tuple[str, float], ...] = ()

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:  # noqa: ARG002
        """Choose k of 1 to 5 by the mean Jaccard on `valid`, or on `train` if that is empty.

        Jaccard is the best over the references of a text. Equal counts stand in the order of the
        alphabet; of equally good k the smallest is taken.
        """
        check_trainable("constant", train)
        order = np.argsort(-np.asarray(train.counts, dtype=np.float64), kind="stable")[:RANKED]
        symbols = train.alphabet.symbols
        texts = len(train.texts)
        self._ranked = tuple((symbols[i], float(train.counts[i]) / texts) for i in order.tolist())
        evaluated = valid.expected or train.expected
        ranks = np.tile(order[:MAX_EMOJI], (len(evaluated), 1))
        means = jaccard_by_size(ranks, symbols, evaluated).mean(0)
        self._size = int(np.argmax(means)) + 1
        notes = {"k": self._size, "jaccard-by-k": [float(mean) for mean in means]}
        return FitReport(notes=notes)

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return the same emoji for every text, ranked by their share of the training texts."""
        if not self._ranked:
            raise ComponentError("it is not fitted", where="student constant", fix="call fit first")
        emojis = tuple(emoji for emoji, _ in self._ranked[: self._size])
        return [Prediction(emojis=emojis, ranked=self._ranked)] * len(texts)

    def save(self, folder: Path) -> None:
        """Write the emoji and k as JSON."""
        state = {"k": self._size, "ranked": self._ranked}
        (folder / _FILE).write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: NoParams, env: Env) -> Constant:
        """Return the student that was saved."""
        state = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        student = cls(params, env)
        student._size = state["k"]
        student._ranked = tuple((emoji, share) for emoji, share in state["ranked"])
        return student
