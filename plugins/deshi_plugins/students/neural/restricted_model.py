"""A T5 in training, restricted to the tokens that occur and the outputs of the alphabet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deshi.api import Loss
from deshi_plugins.students.neural.embedding_table import CompactTable
from deshi_plugins.students.neural.emoji_decoder import EmojiDecoder
from deshi_plugins.students.neural.params import Head
from deshi_plugins.students.targets import prepare


class RestrictedModel:
    """Restricts a model's tables for training, and writes the trained rows back.

    With the head `emoji` the last layer has the end and the emoji alone; with `full` the model
    stays unrestricted, and learns not to generate other tokens.
    """

    def __init__(self, model: Any, outputs: Sequence[int], used: Iterable[int], head: Head) -> None:  # noqa: ANN401
        self.model = model
        self.outputs = list(outputs)
        self.head = head
        self.table = model.get_input_embeddings()
        self.layer = model.get_output_embeddings()
        self.tied = self.layer.weight is self.table.weight
        self.numbers = self.outputs if head == "full" else list(range(len(self.outputs)))
        if head == "emoji":
            start = int(model.config.decoder_start_token_id)
            first = list(dict.fromkeys((*self.outputs, start)))
            self.compact = CompactTable(self.table.weight.detach(), used, first)
            model.set_input_embeddings(self.compact)
            model.lm_head = nn.Identity() if self.tied else self._last_layer()

    def decoder(self) -> EmojiDecoder:
        """Return the decoder to train: of the alphabet, or of the whole vocabulary."""
        if self.head == "full":
            return EmojiDecoder(
                self.model, range(len(self.layer.weight)), lambda: self.layer.weight
            )
        return EmojiDecoder(self.model, self.outputs, self._rows)

    def validation_decoder(self) -> EmojiDecoder:
        """Return the decoder for validation, which is always of the alphabet."""
        return EmojiDecoder.of(self.model, self.outputs) if self.head == "full" else self.decoder()

    def prepare(self, loss: Loss, counts: npt.NDArray[np.float64], n: int) -> None:
        """Pass the number of texts with each output, the end included, to a loss with `uses-counts`."""
        output_counts = np.zeros(
            len(self.layer.weight) if self.head == "full" else len(self.outputs)
        )
        output_counts[self.numbers] = [n, *counts.tolist()]
        prepare(loss, output_counts, n)

    def put_back(self) -> None:
        """Restore the unrestricted model with the trained rows."""
        if self.head == "full":
            return
        self.compact.put_back(self.table.weight.data)
        if not self.tied:
            with torch.no_grad():
                self.layer.weight[self.outputs] = self.model.lm_head.weight.to("cpu")
        self.model.set_input_embeddings(self.table)
        self.model.lm_head = self.layer

    def _rows(self) -> Tensor:
        if self.tied:
            return self.compact.first[: len(self.outputs)]
        rows: Tensor = self.model.lm_head.weight
        return rows

    def _last_layer(self) -> nn.Linear:
        rows = self.layer.weight.detach()[self.outputs]
        layer = nn.Linear(rows.shape[1], rows.shape[0], bias=False)
        layer.weight = nn.Parameter(rows.clone())
        return layer
