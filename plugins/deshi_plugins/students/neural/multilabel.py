"""A label model in training: texts as token ids, targets as shares of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deshi.api import DecodingRule, Expected, Loss
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.decoder import Decoder
from deshi_plugins.students.neural.batching import INFERENCE_BATCH, inference_batches, pad
from deshi_plugins.students.neural.learner import Validation, decay_groups
from deshi_plugins.students.neural.validation import effective_emoji, share_nll
from deshi_plugins.students.rule_names import rule_of
from deshi_plugins.students.targets import mean_size


@dataclass(frozen=True, slots=True, eq=False)
class LabelExamples:
    """Texts as token ids, with targets (texts, labels) in [0, 1] and the expected labels."""

    ids: Sequence[Sequence[int]]
    targets: npt.NDArray[np.float32]
    expected: Sequence[Expected]


class LabelLearner:
    """The learner of a model that scores labels; `bert` has it.

    `model` is called with `input_ids` and `attention_mask`, (batch, tokens) each, and returns an object
    whose `logits` are (batch, labels). `rule` is the decoding rule, by default that of the loss; its
    state, tuned on the validation texts, is in `decoder`.
    """

    def __init__(
        self,
        model: nn.Module,
        filler: int,
        train: LabelExamples,
        valid: LabelExamples,
        loss: Loss,
        *,
        symbols: Sequence[str],
        device: str,
        rule: DecodingRule | None = None,
    ) -> None:
        self.module = model
        self.filler = filler
        self.train = train
        self.valid = valid
        self.loss = loss
        self.size = mean_size(train.targets)
        self.symbols = symbols
        self.device = device
        self.lengths: Sequence[int] = [len(row) for row in train.ids]
        self.decoder = Decoder(rule=rule or rule_of(loss), state={})

    def begin(self, epoch: int) -> None:
        """Do nothing: every epoch is alike."""

    def losses(self, rows: Sequence[int]) -> Tensor:
        """Return the loss of some training texts, shape (rows,)."""
        scores = self._scores([self.train.ids[row] for row in rows])
        targets = torch.from_numpy(self.train.targets[list(rows)]).to(self.device)
        losses: Tensor = self.loss(scores, targets)
        return losses

    def validate(self) -> Validation | None:
        """Evaluate the model on the validation texts, and tune the decoder on them."""
        if not self.valid.ids:
            return None
        return self._validation(self.valid)

    def _validation(self, valid: LabelExamples) -> Validation:
        scores = self.scores(valid.ids)
        values = self.decoder.probabilities(scores.numpy())
        self.decoder, jaccard = Decoder.tune(
            self.decoder.rule, values, valid.expected, self.symbols, self.size
        )
        predicted = self.decoder.predict(values, MAX_EMOJI, self.symbols)
        targets = torch.from_numpy(valid.targets)
        return Validation(
            nll=share_nll(values, valid.targets.astype(np.float64)),
            loss=float(self.loss(scores, targets).double().mean()),
            jaccard=jaccard,
            effective=effective_emoji(one.emojis for one in predicted),
        )

    def groups(self, weight_decay: float) -> Iterator[Mapping[str, Any]]:
        """Yield the groups of parameters for AdamW."""
        return decay_groups(self.module, weight_decay)

    def scores(self, ids: Sequence[Sequence[int]]) -> Tensor:
        """Return the scores of texts in their order, (texts, labels), without gradients."""
        return label_scores(self.module, ids, self.filler, self.device)

    def _scores(self, ids: Sequence[Sequence[int]]) -> Tensor:
        tokens, mask = pad(ids, self.filler)
        output = self.module(input_ids=tokens.to(self.device), attention_mask=mask.to(self.device))
        scores: Tensor = output.logits.float()
        return scores

    def retune(self) -> None:
        """Tune the decoder again, on validation or without it on the training texts."""
        with torch.no_grad():
            self._validation(self.valid if self.valid.ids else self.train)


@torch.no_grad()
def label_scores(
    model: nn.Module,
    ids: Sequence[Sequence[int]],
    filler: int,
    device: str,
    batch_size: int = INFERENCE_BATCH,
) -> Tensor:
    """Return the scores of texts in their order, (texts, labels), on the CPU."""
    rows: list[int] = []
    parts: list[Tensor] = []
    for batch in inference_batches([len(row) for row in ids], batch_size):
        tokens, mask = pad([ids[row] for row in batch], filler)
        output = model(input_ids=tokens.to(device), attention_mask=mask.to(device))
        parts.append(output.logits.float().cpu())
        rows += batch
    scores = torch.empty_like(joined := torch.cat(parts))
    scores[rows] = joined
    return scores
