"""The student `probe`: a frozen sentence encoder and a linear head."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deshi.api import ComponentError, Env, Examples, FitReport, Loss, Prediction, Text
from deshi_plugins.encoders.cached_encoder import make_encoder
from deshi_plugins.students.adamw import AdamW
from deshi_plugins.students.decoder import Decoder
from deshi_plugins.students.heads import head_material, head_probabilities, train_head
from deshi_plugins.students.params import ProbeParams
from deshi_plugins.students.priors import first_bias
from deshi_plugins.students.rule_names import rule_of
from deshi_plugins.students.rules import Zero
from deshi_plugins.students.targets import require_loss
from deshi_plugins.students.threads import pinned_threads


class DenseHead(nn.Module):
    """√d x W + b: a linear map of vectors x of length 1 and d dimensions to logits.

    W is initialised to 0, so that nothing is random. The factor scales the components to
    about 1, as usual learning rates assume.
    """

    def __init__(self, dimensions: int, bias: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(dimensions, len(bias)))
        self.bias = nn.Parameter(bias.clone())

    def learner(self, features: npt.NDArray[np.float32], decay: float) -> DenseLearner:
        """Return what fits this map to vectors (texts, dimensions)."""
        return DenseLearner(self, features, decay)

    def forward(self, rows: npt.NDArray[np.float32]) -> Tensor:
        """Return logits, shape (batch, labels), of vectors (batch, dimensions)."""
        return torch.addmm(self.bias, _scaled(rows), self.weight)


class DenseLearner:
    """Updates W by its gradients and keeps the vectors scaled."""

    def __init__(self, head: DenseHead, features: npt.NDArray[np.float32], decay: float) -> None:
        self._head = head
        self._features = _scaled(features)
        self._optimizer = AdamW({head.weight: decay, head.bias: 0.0}, rate=0.0)
        self._order = torch.empty(0, dtype=torch.int64)
        self._batch = self._features

    def begin(self, order: npt.NDArray[np.int64], rate: float) -> None:
        """Begin a pass over the texts in this order."""
        self._order = torch.from_numpy(order)
        self._optimizer.rate = rate

    @torch.no_grad()
    def scores(self, start: int, end: int) -> Tensor:
        """Return logits, shape (batch, labels), of some texts of the pass."""
        self._batch = self._features[self._order[start:end]]
        return torch.addmm(self._head.bias, self._batch, self._head.weight)

    @torch.no_grad()
    def step(self, gradients: Tensor) -> None:
        """Update the weights by the gradients of the logits returned last."""
        self._optimizer.step([self._batch.T @ gradients, gradients.sum(0)])

    def end(self) -> None:
        """End a pass: nothing is left to do."""


def _scaled(rows: npt.NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(rows * rows.shape[1] ** 0.5)


class Probe:
    """A linear probe of a frozen sentence encoder.

    The vectors are computed once for a workspace. The head is trained as that of `linear` is, and
    runs on the CPU whatever the device of the encoder.
    """

    def __init__(self, params: ProbeParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._encoder = make_encoder(params.vectors, params, env)
        self._symbols: tuple[str, ...] = ()
        self._head: DenseHead | None = None
        self._decoder = Decoder(rule=Zero(), state={})

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Encode and train; without validation texts, for all epochs."""
        loss = require_loss("probe", train, loss)
        self._symbols = train.alphabet.symbols
        material = head_material(train, valid, loss, self._encoder.encode)
        generator = torch.Generator().manual_seed(self.env.seed)
        with pinned_threads(self.env.threads):
            head = DenseHead(material.features.shape[1], first_bias(material.labels, rule_of(loss)))
            trained = train_head(
                head, material, loss, self.params, self.env, self._symbols, generator
            )
        self._head, self._decoder = head, trained.decoder
        return trained.report

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        head = self._fitted()
        decoder = self._decoder.with_threshold(self.params.threshold)
        if not texts:
            return []
        vectors = self._encoder.encode([text.text for text in texts])
        with pinned_threads(self.env.threads):
            values = head_probabilities(head, vectors, decoder.rule)
        return decoder.predict(values, self.params.max_emoji, self._symbols)

    def _fitted(self) -> DenseHead:
        if self._head is None:
            raise ComponentError("it is not fitted", where="student probe", fix="call fit first")
        return self._head

    def save(self, folder: Path) -> None:
        """Write the head as npz and all else as JSON; the encoder stays where it is."""
        head = self._fitted()
        arrays = {name: value.numpy() for name, value in head.state_dict().items()}
        np.savez(folder / "weights.npz", **arrays)
        state = {"symbols": self._symbols, "decoder": self._decoder.to_json()}
        text = json.dumps(state, ensure_ascii=False)
        (folder / "probe.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: ProbeParams, env: Env) -> Probe:
        """Return the student that was saved, with the decoding parameters that are material."""
        state = json.loads((folder / "probe.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as file:
            tensors = {name: torch.from_numpy(file[name]) for name in file}
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._decoder = Decoder.from_json(state["decoder"])
        student._head = DenseHead(len(tensors["weight"]), tensors["bias"])
        student._head.load_state_dict(tensors)
        return student
