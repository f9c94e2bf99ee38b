"""The student `knn`: neighbours vote, nothing is trained."""

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
    COUNTS,
    ENOUGH,
    Electorate,
    Labels,
    choose_votes,
    judge_votes,
)

# Texts at a time: the scores of 512 texts over 1,900 emoji take 8 MB.
_BATCH = 512
_REASONS = 3


class Knn:
    """Takes the labels of the most similar training texts.

    The chance of a label is q_c = (Σ_j w_j y_jc + a π_c) / (1 + a), where w_j is the kernel
    exp(β (cos_j - 1)) of neighbour j, normalised to sum 1, y_jc its label (the teacher's share of
    it where there are shares), π_c the label's frequency in training and a the smoothing. How many
    vote (k) and β are chosen on validation by Jaccard, unless they are set: those that gain most on 20
    and 10 for sure, one standard error taken off; 20 and 10 with fewer than 20 validation texts. The
    number of emoji is that of the highest expected Jaccard.

    Cosines are those of TF-IDF vectors of character n-grams, or of a sentence encoder. Texts of
    the same document do not vote, since they would give its own label back.
    """

    def __init__(self, params: KnnParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._space: Space = make_space(params, env)
        self._symbols: tuple[str, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._documents: tuple[str, ...] = ()
        self._labels: Labels | None = None
        self._judged: Json = None

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:  # noqa: ARG002
        """Index the training texts; judge numbers of neighbours and sharpness on `valid`."""
        check_trainable("knn", train)
        self._texts = tuple(text.text for text in train.texts)
        self._documents = tuple(text.document for text in train.texts)
        self._symbols = train.alphabet.symbols
        self._space.place(self._texts)
        self._prepare(sparse.csr_array(label_targets(train, shares=True), dtype=np.float64))
        if len(valid.texts) >= ENOUGH:
            voters = self._neighbours(valid.texts, max(COUNTS))
            smoothing = KnnParams().smoothing
            self._judged = judge_votes(
                voters, self._fitted(), smoothing, self._symbols, valid.expected
            )
        k, beta = choose_votes(self._judged, None, None)
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
        """Return one prediction a text, in order."""
        labels = self._fitted()
        found: list[Prediction] = []
        for start in range(0, len(texts), _BATCH):
            weights = self._weights(texts[start : start + _BATCH])
            chances = labels.chances(weights, self.params.smoothing)
            found_labels = jaccard_prefixes(chances, self.params.max_emoji, 1.0)
            found += predictions(chances, found_labels, self._symbols)
            self.env.progress(len(found), len(texts))
        return found

    def explain(self, texts: Sequence[Text]) -> Sequence[tuple[str, ...]]:
        """Return the training texts that weigh most, with their weight and their labels."""
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
        """Return how much each training text weighs, shape (texts, training texts)."""
        k, beta = choose_votes(self._judged, self.params.k, self.params.beta)
        return self._neighbours(texts, k).weights(k, beta, len(self._documents))

    def _neighbours(self, texts: Sequence[Text], k: int) -> Electorate:
        """Return the nearest training texts, as many more as may have to be masked."""
        own = max(self._sizes[text.document] for text in texts)
        count = min(k + own, len(self._documents))
        cosines, places = self._space.nearest([text.text for text in texts], count)
        documents = np.array([self._numbers.get(text.document, -1) for text in texts])
        may_vote = (self._owner[places] != documents[:, None]) & (cosines > 0)
        return Electorate(cosines, places, may_vote)

    def save(self, folder: Path) -> None:
        """Write arrays and all else as JSON; nothing in it can run code.

        The training texts are in it: they are what an answer is explained by.
        """
        sparse.save_npz(folder / "labels.npz", self._fitted().matrix)
        state = {
            "vectors": self.params.vectors,
            "symbols": self._symbols,
            "documents": self._documents,
            "texts": self._texts,
            "judged": self._judged,
            "space": self._space.save(folder),
        }
        text = json.dumps(state, ensure_ascii=False)
        (folder / "knn.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: KnnParams, env: Env) -> Knn:
        """Return the student that was saved, with the decoding parameters that are given."""
        state = json.loads((folder / "knn.json").read_text(encoding="utf-8"))
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._documents = tuple(state["documents"])
        student._texts = tuple(state["texts"])
        student._judged = state["judged"]
        student._space.restore(folder, state["space"])
        student._prepare(sparse.load_npz(folder / "labels.npz"))
        return student
