"""A T5 in training whose tables hold what occurs, and whose last layer what can be said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deshi.api import Loss
from deshi_plugins.students.neural.params import Head
from deshi_plugins.students.neural.speller import Speller
from deshi_plugins.students.neural.tables import CompactTable


class Narrowed:
    """Narrows a model's tables for training, and puts what was trained back into them.

    With the head `emoji` the last layer has the end and the emoji alone; with `full` the model
    stays as it is, and learns not to say all else.
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

    def speller(self) -> Speller:
        """Return the speller to train: of the alphabet, or of the whole vocabulary."""
        if self.head == "full":
            return Speller(self.model, range(len(self.layer.weight)), lambda: self.layer.weight)
        return Speller(self.model, self.outputs, self._rows)

    def judge(self) -> Speller:
        """Return the speller to judge by, which is always of the alphabet."""
        return Speller.of(self.model, self.outputs) if self.head == "full" else self.speller()

    def prepare(self, loss: Loss, counts: npt.NDArray[np.float64], n: int) -> None:
        """Tell a loss that asks for it how many texts hold what can be said, the end included."""
        if not hasattr(loss, "prepare"):
            return
        told = np.zeros(len(self.layer.weight) if self.head == "full" else len(self.outputs))
        told[self.numbers] = [n, *counts.tolist()]
        loss.prepare(told, n)

    def put_back(self) -> None:
        """Make the model whole again."""
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
