"""Short spellings for the tests of metrics: letters stand for unrelated emoji."""

from __future__ import annotations

import importlib

import numpy as np

from deshi.api import Env, Expected, NoParams, Prediction
from deshi.emoji import Alphabet
from deshi_plugins.metrics.specs import metric_specs

LETTERS = dict(zip("ABCDEFGHXYZ", "🍎🚗🌙🔑🎸⚓🧀🪁🌵🛶📎", strict=True))
SMALL = Alphabet.of(LETTERS.values())
FULL = Alphabet.full()
SPECS = {spec.name: spec for spec in metric_specs()}


def emojis(text):
    """Return the emoji of a text like `A B 😊`; Q is an emoji outside the small alphabet."""
    return tuple(LETTERS.get(piece, piece).replace("Q", "🦕") for piece in text.split())


def pred(text="", unknown=0, ranked=None):
    scores = ranked and tuple((emoji, -float(i)) for i, emoji in enumerate(emojis(ranked)))
    return Prediction(emojis(text), unknown, scores)


def scored(text, *scores):
    """Return an answer that ranks these emoji with these scores."""
    return Prediction((), 0, tuple(zip(emojis(text), scores, strict=True)))


def gold(*references):
    return Expected(tuple(map(emojis, references)))


def attribute(target):
    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


def build(name, **params):
    spec = SPECS[name]
    kind = attribute(spec.params) if spec.params else NoParams
    return attribute(spec.target)(kind(**params), Env())


def total(statistics):
    return np.asarray(statistics.sum(axis=0), np.float64).ravel()


def score(name, predicted, expected, alphabet=SMALL, **params):
    metric = name if not isinstance(name, str) else build(name, **params)
    statistics = metric.statistics(predicted, expected, alphabet)
    return float(metric.value(total(statistics), np.array(float(len(predicted)))))


def one(name, predicted, *references, alphabet=SMALL, **params):
    """Return the score of a single answer."""
    answer = pred(predicted) if isinstance(predicted, str) else predicted
    return score(name, [answer], [gold(*references)], alphabet, **params)


def random_pairs(seed, n, *, labels=SMALL.symbols, longest=5, references=1, least=0):
    """Return n random predictions and references, in which repeats and unknown pieces occur."""
    random = np.random.default_rng(seed)

    def draw():
        return tuple(random.choice(labels, random.integers(least, longest + 1)).tolist())

    predicted = [Prediction(draw(), int(random.integers(0, 4) == 0)) for _ in range(n)]
    expected = [
        Expected(tuple(draw() for _ in range(random.integers(1, references + 1)))) for _ in range(n)
    ]
    return predicted, expected
