"""The student `linear`: a linear model of character n-grams, trained with any label loss."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from deshi.api import ComponentError, Env, Examples, FitReport, Loss, Prediction, Text
from deshi_plugins.students.decoder import Decoder
from deshi_plugins.students.factored import FactoredHead
from deshi_plugins.students.heads import head_material, head_probabilities, train_head
from deshi_plugins.students.ngrams import HashedNgrams
from deshi_plugins.students.params import LinearParams
from deshi_plugins.students.priors import first_bias
from deshi_plugins.students.rule_names import rule_of
from deshi_plugins.students.rules import Zero
from deshi_plugins.students.targets import require_loss
from deshi_plugins.students.threads import pinned_threads

_BATCH = 512
_REASONS = 5


class Linear:
    """Hashed character n-grams, a linear map, and the decoding that fits the loss.

    Trained with AdamW; stops by the mean Jaccard on validation and keeps the best epoch. A loss that
    changes during training (`scheduled`) gets all epochs, so that none of its phases is missed. Biases
    are initialised to the training frequencies: log(π / (1 - π)), or log π for a softmax. It runs on the
    CPU whatever the device is, and gives the same weights for the same seed.
    """

    def __init__(self, params: LinearParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._symbols: tuple[str, ...] = ()
        self._ngrams: HashedNgrams | None = None
        self._head: FactoredHead | None = None
        self._decoder = Decoder(rule=Zero(), state={})

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Train; without validation texts, for all epochs, with the threshold of the training."""
        loss = require_loss("linear", train, loss)
        self._symbols = train.alphabet.symbols
        self._ngrams = HashedNgrams.learn(
            _strings(train.texts),
            longest=self.params.ngram,
            bits=self.params.hash_bits,
            at_least=self.params.min_texts,
        )
        material = head_material(train, valid, loss, self._ngrams.transform)
        with pinned_threads(self.env.threads):
            generator = torch.Generator().manual_seed(self.env.seed)
            bias = first_bias(material.labels, rule_of(loss))
            head = FactoredHead(material.features.shape[1], self.params.rank, bias, generator)
            trained = train_head(
                head, material, loss, self.params, self.env, self._symbols, generator
            )
        self._head, self._decoder = head, trained.decoder
        notes = {"features": len(self._ngrams.columns), **trained.report.notes}
        return replace(trained.report, notes=notes)

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        head, ngrams = self._fitted()
        decoder = self._decoder.with_threshold(self.params.threshold)
        predicted: list[Prediction] = []
        with pinned_threads(self.env.threads):
            for start in range(0, len(texts), _BATCH):
                features = ngrams.transform(_strings(texts[start : start + _BATCH]))
                values = head_probabilities(head, features, decoder.rule)
                predicted += decoder.predict(values, self.params.max_emoji, self._symbols)
        return predicted

    def explain(self, texts: Sequence[Text]) -> Sequence[tuple[str, ...]]:
        """Return the n-grams with the largest contributions to the predicted emoji's scores."""
        head, ngrams = self._fitted()
        predicted = self.predict(texts)
        with torch.no_grad():
            return [
                self._reasons(head, ngrams.terms(text.text), prediction)
                for text, prediction in zip(texts, predicted, strict=True)
            ]

    def _reasons(
        self,
        head: FactoredHead,
        terms: tuple[Sequence[str], Sequence[int], Sequence[float]],
        prediction: Prediction,
    ) -> tuple[str, ...]:
        names, columns, values = terms
        labels = [self._symbols.index(emoji) for emoji in prediction.emojis]
        weighted = head.inner[list(columns)] * torch.tensor(list(values))[:, None]
        gains = (weighted @ head.outer[:, labels]).numpy()
        order = np.argsort(-gains, axis=None, kind="stable")[:_REASONS]
        best = [divmod(int(at), len(labels)) for at in order]
        return tuple(
            f"「{names[term]}」 {gains[term, label]:+.1f} {prediction.emojis[label]}"
            for term, label in best
            if gains[term, label] > 0
        )

    def _fitted(self) -> tuple[FactoredHead, HashedNgrams]:
        if self._head is None or self._ngrams is None:
            raise ComponentError("it is not fitted", where="student linear", fix="call fit first")
        return self._head, self._ngrams

    def save(self, folder: Path) -> None:
        """Write weights as npz and all else as JSON; nothing in it can run code."""
        head, ngrams = self._fitted()
        arrays = {name: value.numpy() for name, value in head.state_dict().items()}
        np.savez(folder / "weights.npz", columns=ngrams.columns, weights=ngrams.weights, **arrays)
        state = {
            "symbols": self._symbols,
            "decoder": self._decoder.to_json(),
            "longest": ngrams.longest,
            "bits": ngrams.bits,
        }
        text = json.dumps(state, ensure_ascii=False)
        (folder / "linear.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: LinearParams, env: Env) -> Linear:
        """Return the student that was saved, with these decoding parameters."""
        state = json.loads((folder / "linear.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as file:
            arrays = dict(file)
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._decoder = Decoder.from_json(state["decoder"])
        columns, weights = arrays.pop("columns"), arrays.pop("weights")
        student._ngrams = HashedNgrams(state["longest"], state["bits"], columns, weights)
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        features, rank = tensors["inner"].shape
        student._head = FactoredHead(features, rank, tensors["bias"], torch.Generator())
        student._head.load_state_dict(tensors)
        return student


def _strings(texts: Sequence[Text]) -> list[str]:
    return [text.text for text in texts]
