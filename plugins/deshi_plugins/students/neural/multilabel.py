"""A label model in training: texts as token ids, targets as shares of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deshi.api import Expected, Loss
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.decoding import (
    Decoder,
    predictions,
    probabilities,
    ranking,
    tuned,
)
from deshi_plugins.students.neural.batching import AT_ONCE, judging_batches, padded
from deshi_plugins.students.neural.judging import effective_emoji, share_nll
from deshi_plugins.students.neural.learner import Judged, decay_groups


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Texts as token ids, with targets (texts, labels) in [0, 1] and what is expected of them."""

    ids: Sequence[Sequence[int]]
    targets: npt.NDArray[np.float32]
    expected: Sequence[Expected]


class MultiLabel:
    """The learner of `bert`."""

    def __init__(
        self,
        model: nn.Module,
        filler: int,
        train: Labelled,
        valid: Labelled,
        loss: Loss,
        *,
        size: float,
        symbols: Sequence[str],
        device: str,
    ) -> None:
        self.module = model
        self.filler = filler
        self.train = train
        self.valid = valid
        self.loss = loss
        self.size = size
        self.symbols = symbols
        self.device = device
        self.lengths: Sequence[int] = [len(row) for row in train.ids]
        self.decoder = Decoder(rule=loss.decoding, size=size)

    def begin(self, epoch: int) -> None:
        """Do nothing: every epoch is alike."""

    def losses(self, rows: Sequence[int]) -> Tensor:
        """Return the loss of some training texts, shape (rows,)."""
        scores = self._scores([self.train.ids[row] for row in rows])
        targets = torch.from_numpy(self.train.targets[list(rows)]).to(self.device)
        losses: Tensor = self.loss(scores, targets)
        return losses

    def judge(self) -> Judged | None:
        """Judge the model on the validation texts, and tune the decoder on them."""
        if not self.valid.ids:
            return None
        return self._judged(self.valid)

    def _judged(self, valid: Labelled) -> Judged:
        scores = self.scores(valid.ids)
        chances = probabilities(scores.numpy(), self.loss.decoding)
        self.decoder, jaccard = tuned(
            self.loss.decoding, self.size, chances, self.symbols, valid.expected
        )
        sizes = self.decoder.sizes(chances, ranking(chances, MAX_EMOJI))
        answers = predictions(chances, sizes, self.symbols)
        targets = torch.from_numpy(valid.targets)
        return Judged(
            nll=share_nll(chances, valid.targets.astype(np.float64)),
            loss=float(self.loss(scores, targets).double().mean()),
            jaccard=jaccard,
            effective=effective_emoji(answer.emojis for answer in answers),
        )

    def groups(self, weight_decay: float) -> Iterator[Mapping[str, Any]]:
        """Yield the groups of parameters for AdamW."""
        return decay_groups(self.module, weight_decay)

    def scores(self, ids: Sequence[Sequence[int]]) -> Tensor:
        """Return the scores of texts in their order, (texts, labels), without gradients."""
        return scored(self.module, ids, self.filler, self.device)

    def _scores(self, ids: Sequence[Sequence[int]]) -> Tensor:
        tokens, mask = padded(ids, self.filler)
        found = self.module(input_ids=tokens.to(self.device), attention_mask=mask.to(self.device))
        scores: Tensor = found.logits.float()
        return scores

    def retune(self) -> None:
        """Tune the decoder anew, on validation or without it on the training texts."""
        with torch.no_grad():
            self._judged(self.valid if self.valid.ids else self.train)


@torch.no_grad()
def scored(
    model: nn.Module,
    ids: Sequence[Sequence[int]],
    filler: int,
    device: str,
    at_once: int = AT_ONCE,
) -> Tensor:
    """Return the scores of texts in their order, (texts, labels), on the CPU."""
    rows: list[int] = []
    parts: list[Tensor] = []
    for batch in judging_batches([len(row) for row in ids], at_once):
        tokens, mask = padded([ids[row] for row in batch], filler)
        found = model(input_ids=tokens.to(device), attention_mask=mask.to(device))
        parts.append(found.logits.float().cpu())
        rows += batch
    scores = torch.empty_like(joined := torch.cat(parts))
    scores[rows] = joined
    return scores
