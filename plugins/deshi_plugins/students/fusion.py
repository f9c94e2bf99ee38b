"""The student `fusion`: one prediction from several fitted students."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from deshi.api import ComponentError, Env, Examples, FitReport, Loss, Prediction, Student, Text
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.params import FusionParams
from deshi_plugins.students.rules import jaccard_prefixes
from deshi_plugins.students.selection import Floats, predictions, selection_jaccard
from deshi_plugins.students.targets import check_trainable

_FILE = "fusion.json"
# So many weightings are tried at most: in tenths for two members, in thirds for six.
_TRIES = 500


class Fusion:
    """The weighted mean of its members' scores of each emoji.

    A member's scores are read from its ranking (1 / rank where it has none, or scores below 0), and
    scaled so that those of a text sum to the mean number of emoji of the training labels: probabilities,
    whatever the member's own scale. Weights that are not set are those of the highest mean Jaccard
    on validation, among all that sum to 1 in even steps; equal without validation texts. The number
    of emoji is that of the highest expected Jaccard.
    """

    def __init__(self, params: FusionParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._members: dict[str, Student] = {}
        self._stack = ExitStack()
        self._symbols: tuple[str, ...] = ()
        self._weights: npt.NDArray[np.float64] = np.zeros(0)
        self._scales: npt.NDArray[np.float64] = np.zeros(0)

    def combine(self, members: Mapping[str, Student]) -> None:
        """Take up the fitted members, in the order in which the parameters name them."""
        self._members = {name: members[name] for name in self.params.members}

    def __enter__(self) -> Self:
        for member in self._members.values():
            if isinstance(member, AbstractContextManager):
                self._stack.enter_context(member)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:  # noqa: ARG002
        """Choose weights on `valid`; the members are fitted already."""
        check_trainable("fusion", train)
        self._symbols = train.alphabet.symbols
        evaluated = valid if valid.texts else train
        sizes = [len(set(e.references[0])) for e in train.expected if e.references]
        scores = self._scores(evaluated.texts)
        mass = scores.sum(-1).mean(-1)
        self._scales = float(np.mean(sizes)) / np.where(mass > 0, mass, 1)
        scores *= self._scales[:, None, None]
        candidates = self._candidates(has_validation=bool(valid.texts))
        means = [
            self._jaccard(np.minimum(1, np.tensordot(w, scores, 1)), evaluated) for w in candidates
        ]
        self._weights = candidates[int(np.argmax(means))]
        notes = {"weights": dict(zip(self._members, self._weights.tolist(), strict=True))}
        return FitReport(notes=notes)

    def _candidates(self, *, has_validation: bool) -> list[npt.NDArray[np.float64]]:
        """Return the weightings to try, each of which sums to 1; the most even one first."""
        number, fixed = len(self._members), self.params.weights
        if fixed is not None:
            return [np.array(fixed) / sum(fixed)]
        even = np.full(number, 1 / number)
        if not has_validation:
            return [even]
        steps = max(s for s in range(1, 11) if s == 1 or (s + 1) ** (number - 1) <= _TRIES)
        grid = [
            np.array([*shares, steps - sum(shares)]) / steps
            for shares in product(range(steps + 1), repeat=number - 1)
            if sum(shares) <= steps
        ]
        return sorted([even, *grid], key=lambda w: float(np.square(w).sum()))

    def _scores(self, texts: Sequence[Text]) -> Floats:
        """Return each member's score of each emoji, unscaled, (members, texts, labels)."""
        indices = {emoji: at for at, emoji in enumerate(self._symbols)}
        scores = np.zeros((len(self._members), len(texts), len(indices)))
        for at, member in enumerate(self._members.values()):
            for row, prediction in enumerate(member.predict(texts)):
                for emoji, score in _nonnegative_scores(prediction):
                    if emoji in indices:
                        scores[at, row, indices[emoji]] = score
        return scores

    def _jaccard(self, probabilities: Floats, evaluated: Examples) -> float:
        labels = jaccard_prefixes(probabilities, MAX_EMOJI, 1.0)
        return float(selection_jaccard(labels, self._symbols, evaluated.expected).mean())

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        if not texts:
            return []
        factors = self._fitted() * self._scales
        # A scaled score may exceed what a probability can be.
        probabilities = np.minimum(1, np.tensordot(factors, self._scores(texts), 1))
        labels = jaccard_prefixes(probabilities, self.params.max_emoji, 1.0)
        return predictions(probabilities, labels, self._symbols)

    def explain(self, texts: Sequence[Text]) -> Sequence[tuple[str, ...]]:
        """Return the first reason of each member that explains, by falling weight."""
        weights = self._fitted().tolist()
        order = sorted(zip(self._members, weights, strict=True), key=lambda pair: -pair[1])
        lines: list[list[str]] = [[] for _ in texts]
        for name, weight in order:
            explain = getattr(self._members[name], "explain", None)
            for line, reasons in zip(
                lines, explain(texts) if explain and weight else (), strict=False
            ):
                line += [f"{name} ({weight:.0%}): {reason}" for reason in reasons[:1]]
        return [tuple(line) for line in lines]

    def _fitted(self) -> npt.NDArray[np.float64]:
        if not self._weights.size:
            raise ComponentError("it is not fitted", where="student fusion", fix="call fit first")
        return self._weights

    def save(self, folder: Path) -> None:
        """Write weights as JSON; the host keeps the members."""
        state = {
            "weights": self._fitted().tolist(),
            "scales": self._scales.tolist(),
            "symbols": self._symbols,
        }
        (folder / _FILE).write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: FusionParams, env: Env) -> Fusion:
        """Return the student that was saved, still without its members."""
        state = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._weights, student._scales = np.array(state["weights"]), np.array(state["scales"])
        return student


def _nonnegative_scores(prediction: Prediction) -> list[tuple[str, float]]:
    """Return the emoji of a prediction with scores of 0 and above."""
    ranked = prediction.ranked
    if ranked and all(np.isfinite(score) and score >= 0 for _, score in ranked):
        return list(ranked)
    emojis = [emoji for emoji, _ in ranked] if ranked else dict.fromkeys(prediction.emojis)
    return [(emoji, 1 / rank) for rank, emoji in enumerate(emojis, start=1)]
