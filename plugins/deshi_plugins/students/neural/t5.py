"""The student `t5`: a sequence model that generates emoji one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from deshi.api import (
    ComponentError,
    Env,
    Examples,
    Exported,
    FitReport,
    Loss,
    Prediction,
    Text,
    UsageError,
)
from deshi_plugins.students.neural import compact_forms, compact_t5, t5_models
from deshi_plugins.students.neural.batching import INFERENCE_BATCH
from deshi_plugins.students.neural.checkpoints import resolve_checkpoint
from deshi_plugins.students.neural.devices import usable_device
from deshi_plugins.students.neural.emoji_decoder import EmojiDecoder
from deshi_plugins.students.neural.emoji_tokens import add_emoji
from deshi_plugins.students.neural.folders import read_folder, write_folder
from deshi_plugins.students.neural.params import T5Params
from deshi_plugins.students.neural.quiet import quiet
from deshi_plugins.students.neural.restricted_model import RestrictedModel
from deshi_plugins.students.neural.sequence_decoding import (
    DECODINGS,
    SequenceDecoding,
    SequenceModel,
)
from deshi_plugins.students.neural.sequence_learner import (
    SequenceExamples,
    SequenceLearner,
)
from deshi_plugins.students.neural.tokenizer import token_ids
from deshi_plugins.students.neural.training import Training
from deshi_plugins.students.neural.validation import plateau
from deshi_plugins.students.targets import label_targets, mean_size, require_loss
from deshi_plugins.students.threads import pinned_threads


class T5:
    """A T5 whose vocabulary has the emoji of the training alphabet as tokens.

    Predictions are sets: no emoji twice, none from outside the alphabet, unless the seed research's
    decoding is set (`decode = "sample"`). Saved, it is a model of transformers.
    """

    forms = compact_forms.FORMS

    def __init__(self, params: T5Params, env: Env) -> None:
        self.params = params
        self.env = env
        self._model: Any = None
        self._tokenizer: Any = None
        self._symbols: tuple[str, ...] = ()
        self._outputs: list[int] = []
        self._size = 1.0
        self._scale = 1.0

    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Train; without validation texts for all epochs.

        Raises:
            ComponentError: there is nothing to learn, no loss, or a loss that is not finite.
            UsageError, NotReadyError: the checkpoint cannot be loaded.
        """
        loss = require_loss(self.env.entry or "t5", train, loss)
        self._symbols = train.alphabet.symbols
        notes = self._build(train)
        self._size = mean_size(label_targets(train, shares=False))
        report = self._train(train, valid, loss)
        return replace(report, notes={**report.notes, **notes, "scale": self._scale})

    def _build(self, train: Examples) -> dict[str, Any]:
        """Build the model and the tokenizer; return notes for the report."""
        notes: dict[str, Any] = {}
        with torch.random.fork_rng(devices=[]), quiet():
            torch.manual_seed(self.env.seed)
            if self.params.from_scratch:
                built = t5_models.from_scratch(self.params, train.texts)
            else:
                checkpoint = resolve_checkpoint(self.params, self.env)
                built = t5_models.from_checkpoint(checkpoint)
                notes = {"commit": checkpoint.commit} if checkpoint.commit else {}
            self._model, self._tokenizer = built
            emoji = add_emoji(*built, self._symbols, self.params.emoji_rows)
        self._outputs = [self._tokenizer.eos_token_id, *emoji]
        size = sum(parameter.numel() for parameter in self._model.parameters())
        return {**notes, "parameters": size}

    def _train(self, train: Examples, valid: Examples, loss: Loss) -> FitReport:
        parts = (self._sequences(train), self._sequences(valid))
        model = self._model
        used = {token for part in parts for row in part.ids for token in row}
        filler = self._tokenizer.pad_token_id
        restricted = RestrictedModel(model, self._outputs, {*used, filler}, self.params.head)
        model.to(usable_device(self.env))
        restricted.prepare(loss, train.counts, len(train.texts))
        learner = SequenceLearner(
            restricted.decoder(),
            restricted.validation_decoder(),
            restricted.numbers,
            filler,
            *parts,
            loss,
            self.params,
            symbols=self._symbols,
            counts=train.counts.tolist(),
            seed=self.env.seed,
        )
        training = Training(
            learner,
            loss,
            self.params,
            self.env,
            floor=plateau(train, valid),
            fingerprint=_fingerprint(self.params, parts),
        )
        report = training.run()
        with pinned_threads(self.env.threads):
            learner.retune()
        self._scale = learner.scale
        restricted.put_back()
        return report

    def _sequences(self, examples: Examples) -> SequenceExamples:
        alphabet = examples.alphabet
        labels = [
            [
                alphabet.index(emoji)
                for emoji in dict.fromkeys(one.references[0])
                if emoji in alphabet
            ]
            for one in examples.expected
        ]
        return SequenceExamples(self.token_ids(examples.texts), labels, examples.expected)

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        fitted = self.sequence_model()
        if not texts:
            return []
        ids = self.token_ids(texts)
        with pinned_threads(self.env.threads), quiet():
            return self.sequence_decoding()(fitted, ids)

    def sequence_decoding(self) -> SequenceDecoding:
        """Return the function from token ids to predictions; a subclass may return its own."""
        return DECODINGS[self.params.decode]

    def sequence_model(self) -> SequenceModel:
        """Return the fitted model on its device, for decodings.

        Raises:
            ComponentError: it is not fitted.
        """
        if self._model is None:
            where = f"student {self.env.entry or 't5'}"
            raise ComponentError("it is not fitted", where=where, fix="call fit first")
        return SequenceModel(
            model=self._model.to(usable_device(self.env)).eval(),
            tokenizer=self._tokenizer,
            symbols=self._symbols,
            outputs=self._outputs,
            size=self._size,
            scale=self._scale,
            params=self.params,
            seed=self.env.seed,
            batch_size=int(self.env.settings.get("inference-batch", INFERENCE_BATCH)),
        )

    def token_ids(self, texts: Sequence[Text]) -> list[list[int]]:
        """Return the token ids of each text, special tokens included, cut at `max_length`."""
        strings = [text.text for text in texts]
        return token_ids(self._tokenizer, strings, self.params.max_length)

    def save(self, folder: Path) -> None:
        """Write a folder that transformers can load, and student.json with the decoding."""
        state = {
            "student": "t5",
            "symbols": self._symbols,
            "outputs": self._outputs,
            "size": self._size,
            "scale": self._scale,
            "max-length": self.params.max_length,
        }
        write_folder(folder, self._model, self._tokenizer, state)

    def export(self, form: str, folder: Path) -> None:
        """Write the student for CTranslate2; raises UsageError where the decoding has no form."""
        if self.sequence_decoding() is not DECODINGS[self.params.decode]:
            raise UsageError(
                "a custom decoding has no exported form",
                where=f"student {self.env.entry or 't5'}",
                fix="export a `t5` with the same weights",
            )
        compact_t5.check_rule(self.params, self.env)
        decoder = EmojiDecoder.of(self._model, self._outputs)
        state = {"symbols": self._symbols, "size": self._size, "scale": self._scale}
        parts = compact_forms.form_folders(form, folder)
        compact_t5.write_compact(
            self._model, self._tokenizer, self._outputs, decoder.scale, state, parts
        )

    @classmethod
    def load_export(cls, form: str, folder: Path, params: T5Params, env: Env) -> Exported:
        """Return the student that was exported."""
        return compact_forms.open_form(form, folder, params, env)

    @classmethod
    def load(cls, folder: Path, params: T5Params, env: Env) -> T5:
        """Return the student that was saved, with these decoding parameters."""
        import transformers

        model, tokenizer, state = read_folder(folder, transformers.AutoModelForSeq2SeqLM)
        student = cls(params, env)
        student._model, student._tokenizer = model, tokenizer
        student._symbols, student._outputs = tuple(state["symbols"]), list(state["outputs"])
        student._size, student._scale = state["size"], state["scale"]
        return student


def _fingerprint(params: T5Params, parts: tuple[SequenceExamples, ...]) -> str:
    """Return an identifier of parameters and data, for snapshots."""
    digest = hashlib.blake2b(repr(params).encode(), digest_size=16)
    for part in parts:
        digest.update(repr((part.ids, part.labels)).encode())
    return digest.hexdigest()
