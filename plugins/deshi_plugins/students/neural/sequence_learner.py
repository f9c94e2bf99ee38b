"""A sequence model in training: texts as token ids, labels as target sequences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from deshi.api import Expected, Loss
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.neural.batching import INFERENCE_BATCH, inference_batches, pad
from deshi_plugins.students.neural.embedding_table import CompactTable
from deshi_plugins.students.neural.emoji_decoder import END, EmojiDecoder
from deshi_plugins.students.neural.label_order import order_labels
from deshi_plugins.students.neural.learner import Validation, decay_groups
from deshi_plugins.students.neural.params import T5Params
from deshi_plugins.students.neural.scale_tuning import tune_scale
from deshi_plugins.students.neural.sequence_search import expected_counts
from deshi_plugins.students.neural.validation import effective_emoji
from deshi_plugins.students.rules import jaccard_prefixes
from deshi_plugins.students.selection import Floats, predictions


@dataclass(frozen=True, slots=True, eq=False)
class SequenceExamples:
    """Texts as token ids, their labels in the teacher's order, and the expected labels."""

    ids: Sequence[Sequence[int]]
    labels: Sequence[Sequence[int]]
    expected: Sequence[Expected]


class SequenceLearner:
    """The learner of `t5`.

    `numbers` are the output indices of the end and each emoji, so that one decoder may have the
    alphabet alone as outputs, and another the whole vocabulary.
    """

    def __init__(
        self,
        decoder: EmojiDecoder,
        validation_decoder: EmojiDecoder,
        numbers: Sequence[int],
        filler: int,
        train: SequenceExamples,
        valid: SequenceExamples,
        loss: Loss,
        params: T5Params,
        *,
        symbols: Sequence[str],
        counts: Sequence[float],
        seed: int,
    ) -> None:
        self.module: nn.Module = decoder.model
        self.decoder = decoder
        self.validation_decoder = validation_decoder
        self.numbers = numbers
        self.filler = filler
        self.train = train
        self.valid = valid
        self.loss = loss
        self.params = params
        self.symbols = symbols
        self.counts = counts
        self.seed = seed
        self.lengths: Sequence[int] = [len(row) for row in train.ids]
        self.device = decoder.outputs.device
        self.scale = 1.0
        self._targets: list[list[int]] = []

    def begin(self, epoch: int) -> None:
        """Put the labels in order; a random order is new in each epoch."""
        generator = torch.Generator().manual_seed(self.seed * 999_983 + epoch)
        self._targets = order_labels(self.train.labels, self.params.order, self.counts, generator)

    def losses(self, rows: Sequence[int]) -> Tensor:
        """Return the loss of some training texts, shape (rows,)."""
        outputs = self._forced([self.train.ids[r] for r in rows], [self._targets[r] for r in rows])
        losses: Tensor = self.loss(*outputs)
        return losses

    def _forced(
        self, ids: Sequence[Sequence[int]], sequences: Sequence[Sequence[int]]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (texts, steps, outputs), targets and mask (texts, steps)."""
        tokens, mask = (part.to(self.device) for part in pad(ids, self.filler))
        end = self.numbers[END]
        numbered = [[*(self.numbers[label + 1] for label in row), end] for row in sequences]
        targets, steps = (part.to(self.device) for part in pad(numbered, end))
        return self.decoder.forced(tokens, mask, targets).float(), targets, steps

    def validate(self) -> Validation | None:
        """Evaluate the model on the validation texts."""
        if not self.valid.ids:
            return None
        generator = torch.Generator().manual_seed(self.seed)
        targets = order_labels(self.valid.labels, self.params.order, self.counts, generator)
        sums = np.zeros(2)
        for rows in inference_batches([len(row) for row in self.valid.ids], INFERENCE_BATCH):
            outputs = self._forced([self.valid.ids[r] for r in rows], [targets[r] for r in rows])
            sums += [
                float(part.double().sum()) for part in (self.loss(*outputs), plain_nll(*outputs))
            ]
        loss, nll = (sums / len(targets)).tolist()
        counts = self.expected_counts(self.valid.ids)
        self.scale, jaccard = tune_scale(counts, self.symbols, self.valid.expected)
        labels = jaccard_prefixes(counts, MAX_EMOJI, self.scale)
        predicted = predictions(counts, labels, self.symbols)
        effective = effective_emoji(one.emojis for one in predicted)
        return Validation(nll=nll, loss=loss, jaccard=jaccard, effective=effective)

    def expected_counts(self, ids: Sequence[Sequence[int]]) -> Floats:
        """Return the expected counts of all emoji in the predictions, (texts, emoji)."""
        return expected_counts_of_texts(self.validation_decoder, ids, self.filler, INFERENCE_BATCH)

    def groups(self, weight_decay: float) -> Iterator[Mapping[str, Any]]:
        """Yield the groups of parameters for AdamW; new embeddings have their own learning rate.

        Those of T5 are large, about as long as the square root of its width: with the learning
        rate of its matrices they would hardly change.
        """
        tables = [part for part in self.module.modules() if isinstance(part, CompactTable)]
        rows = [table.first for table in tables]
        if self.params.from_scratch:
            rows += [table.rest for table in tables]
        return decay_groups(
            self.module, weight_decay, {id(row): self.params.embedding_rate for row in rows}
        )

    def retune(self) -> None:
        """Tune the scale again on validation, or without it on the training texts."""
        part = self.valid if self.valid.ids else self.train
        self.scale, _ = tune_scale(self.expected_counts(part.ids), self.symbols, part.expected)


def plain_nll(scores: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of -log p over the valid steps of each text, (texts,)."""
    losses = functional.cross_entropy(scores.transpose(1, 2), targets, reduction="none")
    return (losses * mask).sum(-1) / mask.sum(-1)


@torch.no_grad()
def expected_counts_of_texts(
    decoder: EmojiDecoder, ids: Sequence[Sequence[int]], filler: int, batch_size: int
) -> Floats:
    """Return the expected counts of all emoji in the predictions of texts, (texts, emoji)."""
    counts = np.zeros((len(ids), len(decoder.outputs) - 1))
    for rows in inference_batches([len(row) for row in ids], batch_size):
        tokens, mask = pad([ids[row] for row in rows], filler)
        generation = decoder.start_generation(
            tokens.to(decoder.outputs.device), mask.to(decoder.outputs.device)
        )
        counts[rows] = expected_counts(generation, MAX_EMOJI).double().cpu().numpy()
    return counts
