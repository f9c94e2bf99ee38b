"""Students that learn nothing, or hide their failures."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from deshi.api import Env, Examples, FitReport, Help, Loss, NoParams, Prediction, Text


class Parrot:
    """Predicts the three most frequent emoji, shuffled to disguise a majority baseline."""

    def __init__(self, params: NoParams, env: Env) -> None:
        self._dice = random.Random(env.seed)
        self._top: list[str] = []

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Count."""
        order = np.argsort(-train.counts, kind="stable")[:3]
        self._top = [train.alphabet.symbols[at] for at in order]
        return FitReport()

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Predict without reading the texts."""
        return [Prediction(emojis=tuple(self._dice.sample(self._top, 3))) for _ in texts]


class Gist:
    """Counts emoji by pairs of characters: a weak student, but an honest one."""

    def __init__(self, params: NoParams, env: Env) -> None:
        self.dice = random.Random(env.seed)
        self.votes: dict[str, Counter[str]] = defaultdict(Counter)
        self.symbols: Sequence[str] = ()

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Count emoji by pairs of characters."""
        self.symbols = train.alphabet.symbols
        for text, expected in zip(train.texts, train.expected, strict=True):
            for pair in _pairs(text.text):
                self.votes[pair].update(expected.references[0])
        return FitReport()

    def best(self, text: Text, most: int = 3) -> tuple[str, ...]:
        """Return the emoji with the most votes, rare pairs weighted higher."""
        votes: Counter[str] = Counter()
        for pair in _pairs(text.text):
            seen = self.votes.get(pair)
            if seen is not None:
                total = sum(seen.values())
                votes.update({emoji: count / total**1.5 for emoji, count in seen.items()})  # type: ignore[misc]
        return tuple(emoji for emoji, _ in votes.most_common(most))

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Predict three emoji per text."""
        return [Prediction(emojis=self.best(text)) for text in texts]


class Stutterer(Gist):
    """Predicts its best emoji five times, which set metrics do not measure."""

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Predict one emoji five times."""
        return [Prediction(emojis=self.best(text, 1) * 5) for text in texts]


class Scatter(Gist):
    """Raises its diversity by random emoji."""

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Predict two emoji, and three at random."""
        return [
            Prediction(
                emojis=tuple(dict.fromkeys([*self.best(t, 2), *self.dice.sample(self.symbols, 3)]))
            )
            for t in texts
        ]


class Prose(Gist):
    """Predicts words, all of them different."""

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Predict no emoji, and four non-emoji tokens."""
        return [Prediction(emojis=(), unknown=4) for _ in texts]


class Stumbler(Gist):
    """Fails now and then; the runs that remain look fine."""

    def __init__(self, params: NoParams, env: Env) -> None:
        super().__init__(params, env)
        self._seed = env.seed

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Fail on seed 1."""
        if self._seed == 1:
            message = "loss is NaN"
            raise FloatingPointError(message)
        return super().fit(train, valid, loss)


@dataclass(frozen=True, kw_only=True)
class TwinParams:
    """Parameters of `twin`."""

    number: Annotated[int, Help("Number of the twin.", ge=0)] = 0


class Twin(Gist):
    """Forgets a third of its pairs, by its number and its seed: all twins are equally good."""

    def __init__(self, params: TwinParams, env: Env) -> None:
        super().__init__(NoParams(), env)
        self.dice = random.Random(json.dumps([params.number, env.seed]))

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Count, then forget."""
        report = super().fit(train, valid, loss)
        for pair in sorted(self.votes):
            if self.dice.random() < 1 / 3:
                del self.votes[pair]
        return report


def _pairs(text: str) -> list[str]:
    """Return the different pairs of characters, in the order of the text (a set has none)."""
    return list(dict.fromkeys(text[at : at + 2] for at in range(len(text) - 1)))
