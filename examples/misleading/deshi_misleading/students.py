"""Students that learn nothing, or hide what they do not know."""

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
    """Answers the three most frequent emoji, shuffled, so that it does not look like a constant."""

    def __init__(self, params: NoParams, env: Env) -> None:
        self._dice = random.Random(env.seed)
        self._top: list[str] = []

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Count."""
        order = np.argsort(-train.counts, kind="stable")[:3]
        self._top = [train.alphabet.symbols[at] for at in order]
        return FitReport()

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Answer without a look at the texts."""
        return [Prediction(emojis=tuple(self._dice.sample(self._top, 3))) for _ in texts]


class Gist:
    """Remembers which emoji go with which pair of characters: a poor student, but an honest one."""

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
        """Return the emoji that the text's rarest pairs speak for."""
        votes: Counter[str] = Counter()
        for pair in _pairs(text.text):
            seen = self.votes.get(pair)
            if seen is not None:
                total = sum(seen.values())
                votes.update({emoji: count / total**1.5 for emoji, count in seen.items()})  # type: ignore[misc]
        return tuple(emoji for emoji, _ in votes.most_common(most))

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Answer three emoji a text."""
        return [Prediction(emojis=self.best(text)) for text in texts]


class Stutterer(Gist):
    """Says its best emoji five times: no comparison of sets sees it."""

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Answer one emoji five times."""
        return [Prediction(emojis=self.best(text, 1) * 5) for text in texts]


class Scatter(Gist):
    """Raises its diversity by chance."""

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Answer two emoji, and three from a hat."""
        return [
            Prediction(
                emojis=tuple(dict.fromkeys([*self.best(t, 2), *self.dice.sample(self.symbols, 3)]))
            )
            for t in texts
        ]


class Prose(Gist):
    """Answers in words, all of them different."""

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Answer nothing that is an emoji, and four things that are none."""
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

    number: Annotated[int, Help("Which of the twins it is.", ge=0)] = 0


class Twin(Gist):
    """Forgets a third of what it learned, by its number and its seed: all twins are equally good."""

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
    """Return the different pairs of characters, in the order of the text: a set's order is chance."""
    return list(dict.fromkeys(text[at : at + 2] for at in range(len(text) - 1)))
