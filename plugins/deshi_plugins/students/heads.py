"""How a head that gives logits of labels is trained: shared by the students that have only a head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from deshi.api import Decoding, Env, Examples, Expected, FitReport, Loss
from deshi_plugins.students.adamw import AdamW
from deshi_plugins.students.decoding import Decoder, Floats, probabilities, tuned
from deshi_plugins.students.targets import advance, is_scheduled, mean_size, prepare, targets_for


class Head(Protocol):
    """Maps features of texts to logits of labels."""

    def __call__(self, rows: Any) -> Tensor:  # noqa: ANN401
        """Return logits, shape (batch, labels), of some rows of the features."""
        ...

    def decays(self) -> Mapping[Tensor, bool]:
        """Return the trained parameters, and whether weight decay is for them."""
        ...

    def state_dict(self) -> Mapping[str, Tensor]:
        """Return the parameters by name."""
        ...

    def load_state_dict(self, state: Mapping[str, Tensor]) -> Any:  # noqa: ANN401
        """Take up parameters by name."""
        ...


class Course(Protocol):
    """The parameters of training."""

    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def patience(self) -> int: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def learning_rate(self) -> float: ...  # noqa: D102
    @property
    def weight_decay(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What is trained on, and what epochs are judged by. Features have one row a text."""

    features: Any
    labels: npt.NDArray[np.float32]
    judged: Any
    expected: Sequence[Expected]
    stops: bool
    """Whether the judging texts are validation texts, which say when to stop."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What training leaves beside the head's weights."""

    decoder: Decoder
    report: FitReport


def material(
    train: Examples, valid: Examples, loss: Loss, features: Callable[[list[str]], Any]
) -> Material:
    """Return what to train on; `features` makes rows of strings. The loss is told the counts."""
    judged = valid if valid.texts else train
    prepare(loss, train.counts, len(train.texts))
    return Material(
        features=features([text.text for text in train.texts]),
        labels=targets_for(loss, train),
        judged=features([text.text for text in judged.texts]),
        expected=judged.expected,
        stops=bool(valid.texts),
    )


def train_head(
    head: Head,
    given: Material,
    loss: Loss,
    course: Course,
    env: Env,
    symbols: Sequence[str],
    generator: torch.Generator,
) -> Trained:
    """Train with AdamW, keep the best epoch by the mean Jaccard on the judging texts."""
    decays = {p: course.weight_decay * decays for p, decays in head.decays().items()}
    optimizer = AdamW(decays, course.learning_rate)
    size = mean_size(given.labels)
    history: list[dict[str, float]] = []
    best, highest, kept, chosen = 0, -1.0, head.state_dict(), Decoder(rule="zero", size=1.0)
    for epoch in range(1, course.epochs + 1):
        advance(loss, (epoch - 1) / course.epochs)
        order = torch.randperm(len(given.labels), generator=generator).numpy()
        mean = _epoch(head, optimizer, given, order, loss, course.batch_size)
        chances = head_chances(head, given.judged, loss.decoding)
        decoder, jaccard = tuned(loss.decoding, size, chances, symbols, given.expected)
        history.append({"epoch": epoch, "train-loss": mean, "valid-jaccard": jaccard})
        env.progress(epoch, course.epochs)
        if jaccard > highest or not given.stops:
            best, highest, chosen = epoch, jaccard, decoder
            kept = {name: value.clone() for name, value in head.state_dict().items()}
        elif epoch - best >= course.patience and not is_scheduled(loss):
            break
    head.load_state_dict(kept)
    notes = {"best-epoch": best, "threshold": chosen.threshold}
    return Trained(chosen, FitReport(epochs=len(history), history=tuple(history), notes=notes))


def _epoch(
    head: Head,
    optimizer: AdamW,
    given: Material,
    order: npt.NDArray[np.int64],
    loss: Loss,
    batch_size: int,
) -> float:
    """Take one pass in this order; returns the mean loss."""
    total = 0.0
    weights = list(optimizer.decay)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        losses = loss(head(given.features[rows]), torch.from_numpy(given.labels[rows]))
        optimizer.step(torch.autograd.grad(losses.mean(), weights))
        total += float(losses.detach().sum())
    return total / len(order)


def head_chances(head: Head, features: Any, rule: Decoding) -> Floats:  # noqa: ANN401
    """Return the chances of all labels, shape (texts, labels)."""
    with torch.no_grad():
        return probabilities(head(features).numpy(), rule)
