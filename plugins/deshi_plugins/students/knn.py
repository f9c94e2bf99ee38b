"""The student `knn`: the votes of nearest neighbours, without training."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from deshi.api import ComponentError, Env, Examples, FitReport, Json, Loss, Prediction, Text
from deshi_plugins.students.params import KnnParams
from deshi_plugins.students.rules import jaccard_prefixes
from deshi_plugins.students.selection import predictions
from deshi_plugins.students.spaces import Space, make_space
from deshi_plugins.students.targets import check_trainable, label_targets
from deshi_plugins.students.voting import (
    MIN_VALIDATION_TEXTS,
    NEIGHBOUR_COUNTS,
    Labels,
    NearestTexts,
    choose_settings,
    score_settings,
)

# Texts at a time: the scores of 512 texts over 1,900 emoji take 8 MB.
_BATCH = 512
_REASONS = 3


class Knn:
    """Takes the labels of the most similar training texts.

    The probability of a label is q_c = (Σ_j w_j y_jc + a π_c) / (1 + a), where w_j is the kernel
    exp(β (cos_j - 1)) of neighbour j, normalised to sum 1, y_jc its label (the teacher's share of
    it where there are shares), π_c the label's frequency in training and a the smoothing. How many
    vote (k) and β are chosen on validation by Jaccard, unless they are set: those that gain most on 20
    and 10 for sure, one standard error taken off; 20 and 10 with fewer than 20 validation texts. The
    number of emoji is that of the highest expected Jaccard.

    Cosines are those of TF-IDF vectors of character n-grams, or of a sentence encoder. Texts of
    the same document do not vote, since they would leak its own label.
    """

    def __init__(self, params: KnnParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._space: Space = make_space(params, env)
        self._symbols: tuple[str, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._documents: tuple[str, ...] = ()
        self._labels: Labels | None = None
        self._gains: Json = None

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:  # noqa: ARG002
        """Index the training texts; evaluate numbers of neighbours and β on `valid`."""
        check_trainable("knn", train)
        self._texts = tuple(text.text for text in train.texts)
        self._documents = tuple(text.document for text in train.texts)
        self._symbols = train.alphabet.symbols
        self._space.index(self._texts)
        self._prepare(sparse.csr_array(label_targets(train, shares=True), dtype=np.float64))
        if len(valid.texts) >= MIN_VALIDATION_TEXTS:
            neighbours = self._neighbours(valid.texts, max(NEIGHBOUR_COUNTS))
            smoothing = KnnParams().smoothing
            self._gains = score_settings(
                neighbours, self._fitted(), smoothing, self._symbols, valid.expected
            )
        k, beta = choose_settings(self._gains, None, None)
        return FitReport(notes={"texts": len(self._texts), "k": k, "beta": beta})

    def _prepare(self, matrix: sparse.csr_array) -> None:
        prior = np.asarray(matrix.sum(0)).ravel() / matrix.shape[0]
        self._labels = Labels(matrix, prior)
        self._sizes = Counter(self._documents)
        self._numbers = {name: number for number, name in enumerate(self._sizes)}
        self._owner = np.array([self._numbers[name] for name in self._documents])

    def _fitted(self) -> Labels:
        if self._labels is None:
            raise ComponentError("it is not fitted", where="student knn", fix="call fit first")
        return self._labels

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        labels = self._fitted()
        predicted: list[Prediction] = []
        for start in range(0, len(texts), _BATCH):
            weights = self._weights(texts[start : start + _BATCH])
            probabilities = labels.probabilities(weights, self.params.smoothing)
            selected = jaccard_prefixes(probabilities, self.params.max_emoji, 1.0)
            predicted += predictions(probabilities, selected, self._symbols)
            self.env.progress(len(predicted), len(texts))
        return predicted

    def explain(self, texts: Sequence[Text]) -> Sequence[tuple[str, ...]]:
        """Return the training texts of the largest weights, with weight and labels."""
        matrix = self._fitted().matrix
        lines: list[tuple[str, ...]] = []
        for text in texts:
            weights = self._weights([text]).toarray().ravel()
            order = [int(at) for at in np.argsort(-weights, kind="stable")[:_REASONS]]
            lines.append(
                tuple(self._reason(at, weights[at], matrix) for at in order if weights[at])
            )
        return lines

    def _reason(self, at: int, weight: float, matrix: sparse.csr_array) -> str:
        row = matrix[[at]].tocoo()
        emojis = "".join(self._symbols[label] for label in row.coords[1])
        return f"{weight:.0%} like 「{self._texts[at]}」 {emojis}"

    def _weights(self, texts: Sequence[Text]) -> sparse.csr_array:
        """Return the weights of the training texts, shape (texts, training texts)."""
        k, beta = choose_settings(self._gains, self.params.k, self.params.beta)
        return self._neighbours(texts, k).weights(k, beta, len(self._documents))

    def _neighbours(self, texts: Sequence[Text], k: int) -> NearestTexts:
        """Return the nearest training texts, as many more as may have to be masked."""
        own = max(self._sizes[text.document] for text in texts)
        count = min(k + own, len(self._documents))
        cosines, indices = self._space.nearest([text.text for text in texts], count)
        documents = np.array([self._numbers.get(text.document, -1) for text in texts])
        eligible = (self._owner[indices] != documents[:, None]) & (cosines > 0)
        return NearestTexts(cosines, indices, eligible)

    def save(self, folder: Path) -> None:
        """Write arrays and all else as JSON; nothing in it can run code.

        The training texts are in it: `explain` quotes them.
        """
        sparse.save_npz(folder / "labels.npz", self._fitted().matrix)
        state = {
            "vectors": self.params.vectors,
            "symbols": self._symbols,
            "documents": self._documents,
            "texts": self._texts,
            "judged": self._gains,
            "space": self._space.save(folder),
        }
        text = json.dumps(state, ensure_ascii=False)
        (folder / "knn.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: KnnParams, env: Env) -> Knn:
        """Return the student that was saved, with these decoding parameters."""
        state = json.loads((folder / "knn.json").read_text(encoding="utf-8"))
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._documents = tuple(state["documents"])
        student._texts = tuple(state["texts"])
        student._gains = state["judged"]
        student._space.restore(folder, state["space"])
        student._prepare(sparse.load_npz(folder / "labels.npz"))
        return student
