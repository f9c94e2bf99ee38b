"""The student `linear`: a linear model of character n-grams, trained with any label loss."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from deshi.api import (
    ComponentError,
    Decoding,
    Env,
    Examples,
    Expected,
    FitReport,
    Loss,
    Prediction,
    Text,
)
from deshi_plugins.students.adamw import AdamW
from deshi_plugins.students.decoding import (
    Decoder,
    Floats,
    predictions,
    probabilities,
    ranking,
    tuned,
)
from deshi_plugins.students.ngrams import HashedNgrams
from deshi_plugins.students.params import LinearParams
from deshi_plugins.students.priors import first_bias
from deshi_plugins.students.targets import check_trainable, mean_size, targets
from deshi_plugins.students.threads import pinned_threads

_BATCH = 512


class Head(nn.Module):
    """x W U + b: a linear map of rank `rank` from sparse features to logits.

    The factors share what labels have in common, which a full matrix cannot with so few texts,
    and are a tenth of its size.
    """

    def __init__(self, features: int, rank: int, bias: Tensor, generator: torch.Generator) -> None:
        super().__init__()
        # U begins small, so that the first epochs fit what all labels share.
        self.inner = nn.Parameter(torch.randn(features, rank, generator=generator) * 0.5)
        self.outer = nn.Parameter(torch.randn(rank, len(bias), generator=generator) * 0.01)
        self.bias = nn.Parameter(bias.clone())

    def weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return W, U and b."""
        return self.inner, self.outer, self.bias

    def forward(self, rows: sparse.csr_array) -> Tensor:
        """Return logits, shape (batch, labels), of sparse rows (batch, features)."""
        hidden = functional.embedding_bag(
            torch.from_numpy(rows.indices.astype(np.int64)),
            self.inner,
            torch.from_numpy(rows.indptr[:-1].astype(np.int64)),
            per_sample_weights=torch.from_numpy(rows.data),
            mode="sum",
        )
        return hidden @ self.outer + self.bias


@dataclass(frozen=True, slots=True, eq=False)
class _Material:
    """What is trained on, and what epochs are judged by."""

    features: sparse.csr_array
    labels: npt.NDArray[np.float32]
    judged: sparse.csr_array
    expected: Sequence[Expected]
    stops: bool
    """Whether the judging texts are validation texts, which say when to stop."""


class Linear:
    """Hashed character n-grams, a linear map, and the decoding that fits the loss.

    Trained with AdamW; stops by the mean Jaccard on validation and keeps the best epoch. Biases
    begin at the training frequencies: log(π / (1 - π)), or log π for a softmax. It runs on the CPU
    whatever the device is, and gives the same weights for the same seed.
    """

    def __init__(self, params: LinearParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._symbols: tuple[str, ...] = ()
        self._ngrams: HashedNgrams | None = None
        self._head: Head | None = None
        self._decoder = Decoder(rule="zero", size=1.0)

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Train; without validation texts, for all epochs, with the threshold of the training."""
        check_trainable("linear", train)
        if loss is None:
            raise ComponentError("it needs a loss", where="student linear", mend="name one")
        self._symbols = train.alphabet.symbols
        self._ngrams = HashedNgrams.learn(
            _strings(train.texts),
            longest=self.params.ngram,
            bits=self.params.hash_bits,
            at_least=self.params.min_texts,
        )
        judged = valid if valid.texts else train
        material = _Material(
            features=self._ngrams.transform(_strings(train.texts)),
            labels=targets(train),
            judged=self._ngrams.transform(_strings(judged.texts)),
            expected=judged.expected,
            stops=bool(valid.texts),
        )
        with pinned_threads(self.env.threads):
            history, best = self._train(material, loss)
        notes = {
            "features": len(self._ngrams.columns),
            "best-epoch": best,
            "threshold": self._decoder.threshold,
        }
        return FitReport(epochs=len(history), history=tuple(history), notes=notes)

    def _train(self, material: _Material, loss: Loss) -> tuple[list[dict[str, float]], int]:
        """Train the head, keep the best epoch; returns the history and that epoch's number."""
        generator = torch.Generator().manual_seed(self.env.seed)
        bias = first_bias(material.labels, loss.decoding)
        head = Head(material.features.shape[1], self.params.rank, bias, generator)
        decay = self.params.weight_decay
        optimizer = AdamW(
            dict(zip(head.weights(), (decay, decay, 0.0), strict=True)), self.params.learning_rate
        )
        size = mean_size(material.labels)
        history: list[dict[str, float]] = []
        best, highest, kept = 0, -1.0, head.state_dict()
        for epoch in range(1, self.params.epochs + 1):
            order = torch.randperm(len(material.labels), generator=generator).numpy()
            mean = self._epoch(head, optimizer, material, order, loss)
            chances = _chances(head, material.judged, loss.decoding)
            decoder, jaccard = tuned(loss.decoding, size, chances, self._symbols, material.expected)
            history.append({"epoch": epoch, "train-loss": mean, "valid-jaccard": jaccard})
            self.env.progress(epoch, self.params.epochs)
            if jaccard > highest or not material.stops:
                best, highest, self._decoder = epoch, jaccard, decoder
                kept = {name: value.clone() for name, value in head.state_dict().items()}
            elif epoch - best >= self.params.patience:
                break
        head.load_state_dict(kept)
        self._head = head
        return history, best

    def _epoch(
        self,
        head: Head,
        optimizer: AdamW,
        material: _Material,
        order: npt.NDArray[np.int64],
        loss: Loss,
    ) -> float:
        """Take one pass in this order; returns the mean loss."""
        total = 0.0
        for start in range(0, len(order), self.params.batch_size):
            rows = order[start : start + self.params.batch_size]
            losses = loss(head(material.features[rows]), torch.from_numpy(material.labels[rows]))
            optimizer.step(torch.autograd.grad(losses.mean(), head.weights()))
            total += float(losses.detach().sum())
        return total / len(order)

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction a text, in order."""
        head, ngrams = self._fitted()
        decoder = self._decoder
        if self.params.threshold is not None:
            decoder = Decoder(rule=decoder.rule, size=decoder.size, threshold=self.params.threshold)
        found: list[Prediction] = []
        with pinned_threads(self.env.threads):
            for start in range(0, len(texts), _BATCH):
                features = ngrams.transform(_strings(texts[start : start + _BATCH]))
                chances = _chances(head, features, decoder.rule)
                sizes = decoder.sizes(chances, ranking(chances, self.params.max_emoji))
                found += predictions(chances, sizes, self._symbols)
        return found

    def _fitted(self) -> tuple[Head, HashedNgrams]:
        if self._head is None or self._ngrams is None:
            raise ComponentError("it is not fitted", where="student linear", mend="call fit first")
        return self._head, self._ngrams

    def save(self, folder: Path) -> None:
        """Write weights as npz and all else as JSON; nothing in it can run code."""
        head, ngrams = self._fitted()
        arrays = {name: value.numpy() for name, value in head.state_dict().items()}
        np.savez(folder / "weights.npz", columns=ngrams.columns, weights=ngrams.weights, **arrays)
        state = {
            "symbols": self._symbols,
            "decoder": asdict(self._decoder),
            "longest": ngrams.longest,
            "bits": ngrams.bits,
        }
        text = json.dumps(state, ensure_ascii=False)
        (folder / "linear.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: LinearParams, env: Env) -> Linear:
        """Return the student that was saved, with the decoding parameters that are given."""
        state = json.loads((folder / "linear.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as file:
            arrays = dict(file)
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._decoder = Decoder(**state["decoder"])
        columns, weights = arrays.pop("columns"), arrays.pop("weights")
        student._ngrams = HashedNgrams(state["longest"], state["bits"], columns, weights)
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        features, rank = tensors["inner"].shape
        student._head = Head(features, rank, tensors["bias"], torch.Generator())
        student._head.load_state_dict(tensors)
        return student


def _strings(texts: Sequence[Text]) -> list[str]:
    return [text.text for text in texts]


def _chances(head: Head, features: sparse.csr_array, rule: Decoding) -> Floats:
    with torch.no_grad():
        return probabilities(head(features).numpy(), rule)
