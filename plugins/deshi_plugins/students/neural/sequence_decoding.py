"""Decodings of a fitted `t5`: one function per value of `decode`.

Names of shapes: n texts, c emoji of the alphabet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch

from deshi.api import Prediction
from deshi_plugins.students.neural.batching import INFERENCE_BATCH, inference_batches, pad
from deshi_plugins.students.neural.emoji_decoder import EmojiDecoder, Generation
from deshi_plugins.students.neural.params import Decode, T5Params
from deshi_plugins.students.neural.sampling import sample_predictions
from deshi_plugins.students.neural.sequence_learner import expected_counts_of_texts
from deshi_plugins.students.neural.sequence_search import beam, first_shares, greedy
from deshi_plugins.students.rules import jaccard_prefixes
from deshi_plugins.students.selection import Floats, predictions


@dataclass(frozen=True, slots=True, eq=False)
class SequenceModel:
    """A fitted sequence model, with all that a decoding may read.

    `model` and `tokenizer` are those of transformers; the model is on its device, in evaluation mode.
    `outputs` (1 + c) are the token ids of the end and of each emoji of `symbols` (c). `size` is the mean
    number of labels of a training text, `scale` the factor of expected counts that was tuned on
    validation. `batch_size` is the number of texts per batch, which must change no prediction.
    """

    model: Any
    tokenizer: Any
    symbols: tuple[str, ...]
    outputs: Sequence[int]
    size: float
    scale: float
    params: T5Params
    seed: int
    batch_size: int = INFERENCE_BATCH

    def generations(self, ids: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Generation]]:
        """Yield batches of texts of similar length: their rows, and their generation at its first step.

        `ids` (n) are the token ids of each text. Every row comes once.
        """
        decoder = EmojiDecoder.of(self.model, self.outputs)
        for rows in inference_batches([len(row) for row in ids], self.batch_size):
            tokens, mask = pad([ids[row] for row in rows], self.tokenizer.pad_token_id)
            yield (
                rows,
                decoder.start_generation(tokens.to(self.model.device), mask.to(self.model.device)),
            )

    @torch.no_grad()
    def generate(
        self,
        ids: Sequence[Sequence[int]],
        decode: Callable[[Generation], Sequence[Sequence[int]]],
    ) -> list[Prediction]:
        """Return the predictions of `decode` on each batch, in the order of `ids`.

        `decode` returns one to five different labels of each text of its batch, as indices into the
        alphabet.
        """
        predicted = [Prediction(())] * len(ids)
        for rows, generation in self.generations(ids):
            for row, labels in zip(rows, decode(generation), strict=True):
                predicted[row] = Prediction(tuple(self.symbols[label] for label in labels))
        return predicted


class SequenceDecoding(Protocol):
    """A decoding of sequences: what a student overrides `T5.sequence_decoding` to return."""

    def __call__(self, fitted: SequenceModel, ids: Sequence[Sequence[int]], /) -> list[Prediction]:
        """Return one prediction per text, in order, from the token ids of n texts.

        The predictions of a text must not depend on the other texts.
        """
        ...


def expected_sets(fitted: SequenceModel, ids: Sequence[Sequence[int]], /) -> list[Prediction]:
    """Return the sets of the highest expected Jaccard by the emoji's expected counts."""
    decoder = EmojiDecoder.of(fitted.model, fitted.outputs)
    filler = fitted.tokenizer.pad_token_id
    counts = expected_counts_of_texts(decoder, ids, filler, fitted.batch_size)
    return _sets(fitted, counts, fitted.scale)


@torch.no_grad()
def first_step_sets(fitted: SequenceModel, ids: Sequence[Sequence[int]], /) -> list[Prediction]:
    """Return the sets of the highest expected Jaccard by the probabilities of the first step."""
    shares = np.zeros((len(ids), len(fitted.symbols)))
    for rows, generation in fitted.generations(ids):
        shares[rows] = first_shares(generation).double().cpu().numpy()
    return _sets(fitted, shares, fitted.size)


def greedy_sequences(fitted: SequenceModel, ids: Sequence[Sequence[int]], /) -> list[Prediction]:
    """Return the most probable emoji of each step until the end."""
    return fitted.generate(ids, lambda generation: greedy(generation, fitted.params.max_emoji))


def beam_sequences(fitted: SequenceModel, ids: Sequence[Sequence[int]], /) -> list[Prediction]:
    """Return the best hypotheses of a beam search."""
    params = fitted.params
    return fitted.generate(ids, lambda generation: beam(generation, params.max_emoji, params.beams))


def sampled_sequences(fitted: SequenceModel, ids: Sequence[Sequence[int]], /) -> list[Prediction]:
    """Return one random sample over the whole vocabulary for each text."""
    # Samples depend on the batch: a machine setting must not change it.
    return sample_predictions(
        fitted.model,
        fitted.tokenizer,
        ids,
        fitted.params,
        seed=fitted.seed,
        batch_size=INFERENCE_BATCH,
    )


DECODINGS: Final[Mapping[Decode, SequenceDecoding]] = {
    "expected": expected_sets,
    "set": first_step_sets,
    "greedy": greedy_sequences,
    "beam": beam_sequences,
    "sample": sampled_sequences,
}
"""The decodings that the parameter `decode` names."""


def _sets(fitted: SequenceModel, values: Floats, size: float) -> list[Prediction]:
    labels = jaccard_prefixes(values, fitted.params.max_emoji, size)
    return predictions(values, labels, fitted.symbols)
