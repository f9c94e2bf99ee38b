"""A sequence model in training: texts as token ids, labels as what is to be said."""

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
from deshi_plugins.students.neural.batching import AT_ONCE, inference_batches, pad
from deshi_plugins.students.neural.judging import effective_emoji
from deshi_plugins.students.neural.learner import Validation, decay_groups
from deshi_plugins.students.neural.orders import ordered
from deshi_plugins.students.neural.params import T5Params
from deshi_plugins.students.neural.scaling import scaled
from deshi_plugins.students.neural.speller import END, Speller
from deshi_plugins.students.neural.spelling import expected_counts
from deshi_plugins.students.neural.tables import CompactTable
from deshi_plugins.students.rules import jaccard_prefixes
from deshi_plugins.students.selection import Floats, predictions


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """Texts as token ids, their labels in the teacher's order, and what is expected of them."""

    ids: Sequence[Sequence[int]]
    labels: Sequence[Sequence[int]]
    expected: Sequence[Expected]


class SequenceLearner:
    """The learner of `t5`.

    Labels are said by the numbers that `numbers` gives the end and each emoji, so that one
    speller may know the alphabet alone, and another a whole vocabulary.
    """

    def __init__(
        self,
        speller: Speller,
        judge: Speller,
        numbers: Sequence[int],
        filler: int,
        train: Sequences,
        valid: Sequences,
        loss: Loss,
        params: T5Params,
        *,
        symbols: Sequence[str],
        counts: Sequence[float],
        seed: int,
    ) -> None:
        self.module: nn.Module = speller.model
        self.speller = speller
        self.judging = judge
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
        self.device = speller.outputs.device
        self.scale = 1.0
        self._said: list[list[int]] = []

    def begin(self, epoch: int) -> None:
        """Put the labels in order; a random one is drawn for each epoch."""
        generator = torch.Generator().manual_seed(self.seed * 999_983 + epoch)
        self._said = ordered(self.train.labels, self.params.order, self.counts, generator)

    def losses(self, rows: Sequence[int]) -> Tensor:
        """Return the loss of some training texts, shape (rows,)."""
        found = self._forced([self.train.ids[r] for r in rows], [self._said[r] for r in rows])
        losses: Tensor = self.loss(*found)
        return losses

    def _forced(
        self, ids: Sequence[Sequence[int]], said: Sequence[Sequence[int]]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (texts, steps, outputs), targets and mask (texts, steps)."""
        tokens, mask = (part.to(self.device) for part in pad(ids, self.filler))
        end = self.numbers[END]
        numbered = [[*(self.numbers[label + 1] for label in row), end] for row in said]
        targets, counted = (part.to(self.device) for part in pad(numbered, end))
        return self.speller.forced(tokens, mask, targets).float(), targets, counted

    def validate(self) -> Validation | None:
        """Judge the model on the validation texts."""
        if not self.valid.ids:
            return None
        generator = torch.Generator().manual_seed(self.seed)
        said = ordered(self.valid.labels, self.params.order, self.counts, generator)
        sums = np.zeros(2)
        for rows in inference_batches([len(row) for row in self.valid.ids], AT_ONCE):
            found = self._forced([self.valid.ids[r] for r in rows], [said[r] for r in rows])
            sums += [float(part.double().sum()) for part in (self.loss(*found), plain_nll(*found))]
        loss, nll = (sums / len(said)).tolist()
        counts = self.answered(self.valid.ids)
        self.scale, jaccard = scaled(counts, self.symbols, self.valid.expected)
        labels = jaccard_prefixes(counts, MAX_EMOJI, self.scale)
        predicted = predictions(counts, labels, self.symbols)
        effective = effective_emoji(one.emojis for one in predicted)
        return Validation(nll=nll, loss=loss, jaccard=jaccard, effective=effective)

    def answered(self, ids: Sequence[Sequence[int]]) -> Floats:
        """Return the expected counts of all emoji in the answers, (texts, emoji)."""
        return answered_counts(self.judging, ids, self.filler, AT_ONCE)

    def groups(self, weight_decay: float) -> Iterator[Mapping[str, Any]]:
        """Yield the groups of parameters for AdamW; new embeddings have a step size apart.

        Those of T5 are large, about as long as the square root of its width: with the steps of
        its matrices they would hardly move.
        """
        tables = [part for part in self.module.modules() if isinstance(part, CompactTable)]
        rows = [table.first for table in tables]
        if self.params.from_scratch:
            rows += [table.rest for table in tables]
        return decay_groups(
            self.module, weight_decay, {id(row): self.params.embedding_rate for row in rows}
        )

    def retune(self) -> None:
        """Choose the scale anew on validation, or without it on the training texts."""
        part = self.valid if self.valid.ids else self.train
        self.scale, _ = scaled(self.answered(part.ids), self.symbols, part.expected)


def plain_nll(scores: Tensor, targets: Tensor, counted: Tensor) -> Tensor:
    """Return the mean of -log p over the counted steps of each text, (texts,)."""
    losses = functional.cross_entropy(scores.transpose(1, 2), targets, reduction="none")
    return (losses * counted).sum(-1) / counted.sum(-1)


@torch.no_grad()
def answered_counts(
    speller: Speller, ids: Sequence[Sequence[int]], filler: int, at_once: int
) -> Floats:
    """Return the expected counts of all emoji in the answers to texts, (texts, emoji)."""
    counts = np.zeros((len(ids), len(speller.outputs) - 1))
    for rows in inference_batches([len(row) for row in ids], at_once):
        tokens, mask = pad([ids[row] for row in rows], filler)
        generation = speller.beginning(
            tokens.to(speller.outputs.device), mask.to(speller.outputs.device)
        )
        counts[rows] = expected_counts(generation, MAX_EMOJI).double().cpu().numpy()
    return counts
