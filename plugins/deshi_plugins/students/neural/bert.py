"""The student `bert`: a transformer encoder with a score per emoji."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from deshi.api import (
    ComponentError,
    Env,
    Examples,
    Exported,
    FitReport,
    Loss,
    Prediction,
    Text,
)
from deshi_plugins.students.decoder import Decoder
from deshi_plugins.students.neural import bert_models, compact_encoder
from deshi_plugins.students.neural.batching import INFERENCE_BATCH
from deshi_plugins.students.neural.checkpoints import resolve_checkpoint
from deshi_plugins.students.neural.devices import usable_device
from deshi_plugins.students.neural.embedding_table import CompactTable
from deshi_plugins.students.neural.folders import read_folder, write_folder
from deshi_plugins.students.neural.multilabel import LabelExamples, LabelLearner, label_scores
from deshi_plugins.students.neural.params import BertParams
from deshi_plugins.students.neural.quiet import quiet
from deshi_plugins.students.neural.tokenizer import token_ids
from deshi_plugins.students.neural.training import Training
from deshi_plugins.students.neural.validation import plateau
from deshi_plugins.students.priors import first_bias
from deshi_plugins.students.rule_names import rule_of
from deshi_plugins.students.rules import Zero
from deshi_plugins.students.targets import loss_targets, prepare, require_loss
from deshi_plugins.students.threads import pinned_threads


class Bert:
    """A transformer encoder that scores every emoji of the training alphabet.

    Biases are initialised to the training frequencies. The decoding is that of the loss, tuned on
    validation. Saved, it is a sequence classifier of transformers for several labels.
    """

    forms = (compact_encoder.FORM,)

    def __init__(self, params: BertParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._model: nn.Module | None = None
        self._tokenizer: Any = None
        self._symbols: tuple[str, ...] = ()
        self._decoder = Decoder(rule=Zero(), state={})

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Train; without validation texts for all epochs, with the threshold of the training.

        Raises:
            ComponentError: there is nothing to learn, no loss, or a loss that is not finite.
            UsageError, NotReadyError: the checkpoint cannot be loaded.
        """
        loss = require_loss(self.env.entry or "bert", train, loss)
        self._symbols = train.alphabet.symbols
        notes = self._build(train)
        labels = loss_targets(loss, train)
        prepare(loss, train.counts, len(train.texts))
        bert_models.set_output_bias(self._fitted(), first_bias(labels, rule_of(loss)))
        parts = (self._examples(train, labels), self._examples(valid, loss_targets(loss, valid)))
        report = self._train(parts, loss, plateau(train, valid))
        return replace(report, notes={**report.notes, **notes, **self._decoder.notes()})

    def _build(self, train: Examples) -> dict[str, Any]:
        """Build the model and the tokenizer; return notes for the report."""
        with torch.random.fork_rng(devices=[]), quiet():
            torch.manual_seed(self.env.seed)
            if self.params.from_scratch:
                built = bert_models.from_scratch(self.params, train.texts, self._symbols)
                notes: dict[str, Any] = {}
            else:
                checkpoint = resolve_checkpoint(self.params, self.env)
                built = bert_models.from_checkpoint(checkpoint, self._symbols)
                notes = {"commit": checkpoint.commit} if checkpoint.commit else {}
        self._model, self._tokenizer = built
        size = sum(parameter.numel() for parameter in self._model.parameters())
        return {**notes, "parameters": size}

    def _examples(self, examples: Examples, labels: Any) -> LabelExamples:  # noqa: ANN401
        return LabelExamples(self.token_ids(examples.texts), labels, examples.expected)

    def _train(
        self, parts: tuple[LabelExamples, LabelExamples], loss: Loss, floor: float
    ) -> FitReport:
        """Train the embedding rows that occur, and write them back."""
        train, valid = parts
        model: Any = self._fitted()
        whole = model.get_input_embeddings()
        used = {token for part in parts for row in part.ids for token in row}
        used.add(self._tokenizer.pad_token_id)
        table = CompactTable(whole.weight.detach(), used)
        model.set_input_embeddings(table)
        model.to(usable_device(self.env))
        learner = LabelLearner(
            model,
            self._tokenizer.pad_token_id,
            train,
            valid,
            loss,
            symbols=self._symbols,
            device=self.env.device,
        )
        fingerprint = _fingerprint(self.params, parts)
        training = Training(
            learner, loss, self.params, self.env, floor=floor, fingerprint=fingerprint
        )
        report = training.run()
        with pinned_threads(self.env.threads):
            learner.retune()  # first: the whole table is still where the checkpoint was read to
        table.put_back(whole.weight.data)
        model.set_input_embeddings(whole)
        self._decoder = learner.decoder
        return report

    def token_ids(self, texts: Sequence[Text]) -> list[list[int]]:
        """Return the token ids of each text, special tokens included, cut at `max_length`."""
        strings = [text.text for text in texts]
        return token_ids(self._tokenizer, strings, self.params.max_length)

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        model = self._fitted()
        decoder = self._decoder.with_threshold(self.params.threshold)
        if not texts:
            return []
        batch_size = int(self.env.settings.get("inference-batch", INFERENCE_BATCH))
        model.to(usable_device(self.env)).eval()
        with pinned_threads(self.env.threads):
            filler = self._tokenizer.pad_token_id
            scores = label_scores(model, self.token_ids(texts), filler, self.env.device, batch_size)
        values = decoder.probabilities(scores.numpy())
        return decoder.predict(values, self.params.max_emoji, self._symbols)

    def _fitted(self) -> nn.Module:
        if self._model is None:
            where = f"student {self.env.entry or 'bert'}"
            raise ComponentError("it is not fitted", where=where, fix="call fit first")
        return self._model

    def save(self, folder: Path) -> None:
        """Write a folder that transformers can load, and student.json with the decoding."""
        state = {
            "student": "bert",
            "symbols": self._symbols,
            "decoder": self._decoder.to_json(),
            "max-length": self.params.max_length,
        }
        write_folder(folder, self._fitted(), self._tokenizer, state)

    def export(self, form: str, folder: Path) -> None:
        """Write the student as an ONNX model with 8-bit weights."""
        del form  # there is one
        state = {"symbols": self._symbols, "decoder": self._decoder.to_json()}
        compact_encoder.write_compact(self._fitted(), self._tokenizer, state, folder)

    @classmethod
    def load_export(cls, form: str, folder: Path, params: BertParams, env: Env) -> Exported:
        """Return the student that was exported."""
        del form
        return compact_encoder.CompactEncoder(folder, params, env)

    @classmethod
    def load(cls, folder: Path, params: BertParams, env: Env) -> Bert:
        """Return the student that was saved, with these decoding parameters."""
        import transformers

        kind = transformers.AutoModelForSequenceClassification
        model, tokenizer, state = read_folder(folder, kind)
        student = cls(params, env)
        student._model, student._tokenizer = model, tokenizer
        student._symbols = tuple(state["symbols"])
        student._decoder = Decoder.from_json(state["decoder"])
        return student


def _fingerprint(params: BertParams, parts: tuple[LabelExamples, ...]) -> str:
    """Return an identifier of parameters and data, for snapshots."""
    digest = hashlib.blake2b(repr(params).encode(), digest_size=16)
    for part in parts:
        digest.update(repr(part.ids).encode())
        digest.update(np.ascontiguousarray(part.targets).tobytes())
    return digest.hexdigest()
