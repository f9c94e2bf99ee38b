"""A small model, trained by deshi's loop and decoded by the rule of this plugin."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn

from deshi.api import ComponentError, Env, Examples, FitReport, Loss, Prediction, Text
from deshi_decoding.params import CharacterParams
from deshi_decoding.rules import ExpectedF1
from deshi_plugins.students import (
    Decoder,
    LabelExamples,
    LabelLearner,
    Training,
    first_bias,
    label_scores,
    loss_targets,
    pinned_threads,
    plateau,
    prepare,
    require_loss,
    usable_device,
)

_PADDING = 0


class CharacterModel(nn.Module):
    """The mean of the embeddings of a text's characters and pairs of them, and a linear layer."""

    def __init__(self, buckets: int, width: int, bias: Tensor) -> None:
        super().__init__()
        self.table = nn.Embedding(1 + buckets, width, padding_idx=_PADDING)
        self.layer = nn.Linear(width, len(bias))
        self.layer.bias.data.copy_(bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> SimpleNamespace:
        """Return logits (batch, labels) of ids and mask (batch, tokens)."""
        mask = attention_mask[..., None]
        mean = (self.table(input_ids) * mask).sum(1) / mask.sum(1)
        return SimpleNamespace(logits=self.layer(mean))


class Characters:
    """Trains with any loss of labels; uses its own decoding rule, whatever the loss names."""

    def __init__(self, params: CharacterParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._symbols: tuple[str, ...] = ()
        self._model: CharacterModel | None = None
        self._decoder: Decoder | None = None

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Train; keep the epoch with the highest Jaccard on `valid`."""
        loss = require_loss(self.env.entry, train, loss)
        prepare(loss, train.counts, len(train.texts))
        self._symbols = train.alphabet.symbols
        parts = (self._labels(loss, train), self._labels(loss, valid))
        rule = ExpectedF1()
        self._model = self._new_model(first_bias(parts[0].targets, rule))
        learner = LabelLearner(
            self._model.to(usable_device(self.env)),
            _PADDING,
            *parts,
            loss,
            symbols=self._symbols,
            device=self.env.device,
            rule=rule,
        )
        content = repr((self.params, parts[0].ids, parts[0].targets.tolist()))
        report = Training(
            learner,
            loss,
            self.params,
            self.env,
            floor=plateau(train, valid),
            fingerprint=hashlib.sha256(content.encode()).hexdigest(),
        ).run()
        with pinned_threads(self.env.threads):
            learner.retune()
        self._decoder = learner.decoder
        return report

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text."""
        if self._model is None or self._decoder is None:
            raise ComponentError("it is not fitted", fix="call fit first")
        if not texts:
            return []
        model = self._model.to(usable_device(self.env)).eval()
        with pinned_threads(self.env.threads):
            scores = label_scores(model, self._ids(texts), _PADDING, self.env.device)
        values = self._decoder.probabilities(scores.numpy())
        return self._decoder.predict(values, self.params.max_emoji, self._symbols)

    def save(self, folder: Path) -> None:
        """Write weights as npz and all else as JSON."""
        if self._model is None or self._decoder is None:
            raise ComponentError("it is not fitted", fix="call fit first")
        weights = self._model.state_dict()
        np.savez(folder / "weights.npz", **{k: v.cpu().numpy() for k, v in weights.items()})
        state = {"symbols": self._symbols, "decoder": self._decoder.to_json()}
        (folder / "student.json").write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, params: CharacterParams, env: Env) -> Characters:
        """Return the student that was saved."""
        state = json.loads((folder / "student.json").read_text(encoding="utf-8"))
        student = cls(params, env)
        student._symbols = tuple(state["symbols"])
        student._decoder = Decoder.from_json(state["decoder"])
        student._model = student._new_model(torch.zeros(len(student._symbols)))
        with np.load(folder / "weights.npz") as weights:
            student._model.load_state_dict({k: torch.from_numpy(weights[k]) for k in weights})
        return student

    def _new_model(self, bias: Tensor) -> CharacterModel:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.env.seed)
            return CharacterModel(self.params.buckets, self.params.width, bias)

    def _labels(self, loss: Loss, part: Examples) -> LabelExamples:
        return LabelExamples(self._ids(part.texts), loss_targets(loss, part), part.expected)

    def _ids(self, texts: Sequence[Text]) -> list[list[int]]:
        """Return hashes of the characters and the pairs of each text, at least one."""
        ids = []
        for text in texts:
            string = text.text[: self.params.max_length]
            tokens = [*string, *map("".join, pairwise(string))] or [""]
            hashes = [zlib.crc32(token.encode("utf-8", "replace")) for token in tokens]
            ids.append([1 + number % self.params.buckets for number in hashes])
        return ids
