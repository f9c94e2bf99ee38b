"""TF-IDF of character n-grams and logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from deshi.api import Env, Examples, FitReport, Loss, Prediction, Text
from deshi_sklearn.params import NgramParams


class NgramLogisticRegression:
    """One multinomial regression where every text has one emoji, else one regression per emoji.

    The prediction is the prefix of the ranking with the highest expected Jaccard, to a first order: the
    k that maximises S / (k + Q - S), S being the sum of the first k probabilities and Q that of all.
    """

    def __init__(self, params: NgramParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._model: Any = None
        self._symbols: tuple[str, ...] = ()

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Fit a model for every setting; keep the one with the highest Jaccard on `valid`."""
        self._symbols = train.alphabet.symbols
        sets = [frozenset(e.references[0]) for e in train.expected]
        labels = np.array([[s in one for s in self._symbols] for one in sets], dtype=int)
        is_single = bool((labels.sum(1) == 1).all())
        goal = labels.argmax(1) if is_single else labels
        texts = [text.text for text in train.texts]
        if len(self._symbols) == 1:  # one class, to which no regression can be fitted
            self._model = DummyClassifier().fit(texts, goal)
            return FitReport()
        settings = list(product(self.params.ngram, self.params.c))
        fitted: list[tuple[float, Any]] = []
        for done, (ngram, c) in enumerate(settings, start=1):
            self._model = _pipeline(ngram, c, is_single=is_single).fit(texts, goal)
            fitted.append((self._jaccard(valid), self._model))
            self.env.progress(done, len(settings))
        best = max(range(len(fitted)), key=lambda at: fitted[at][0])
        self._model = fitted[best][1]
        ngram, c = settings[best]
        return FitReport(notes={"ngram": ngram, "c": c})

    def _jaccard(self, valid: Examples) -> float:
        scores = [0.0]
        for prediction, one in zip(self.predict(valid.texts), valid.expected, strict=True):
            predicted, gold = set(prediction.emojis), set(one.references[0])
            scores.append(len(predicted & gold) / len(predicted | gold))
        return sum(scores)

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text."""
        if not texts:
            return []
        probabilities = self._model.predict_proba([text.text for text in texts])
        order = np.argsort(-probabilities, axis=1, kind="stable")
        ranked = np.take_along_axis(probabilities, order, axis=1)
        sums = np.cumsum(ranked[:, :5], axis=1)
        lengths = np.arange(1, sums.shape[1] + 1)
        sizes = np.argmax(sums / (lengths + ranked.sum(1, keepdims=True) - sums), axis=1) + 1
        return [
            Prediction(
                emojis=tuple(self._symbols[at] for at in labels[:size]),
                ranked=tuple(
                    (self._symbols[at], float(p)) for at, p in zip(labels, row, strict=True)
                ),
            )
            for labels, row, size in zip(order.tolist(), ranked, sizes, strict=True)
        ]


def _pipeline(ngram: int, c: float, *, is_single: bool) -> Pipeline:
    regression = LogisticRegression(C=c, max_iter=1000)
    features = TfidfVectorizer(analyzer="char", ngram_range=(1, ngram), min_df=2, sublinear_tf=True)
    return make_pipeline(features, regression if is_single else OneVsRestClassifier(regression))
