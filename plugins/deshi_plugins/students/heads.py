"""Training of a head from features to logits of labels, shared by the students with only a head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from deshi.api import DecodingRule, Env, Examples, Expected, FitReport, Loss
from deshi_plugins.students.decoder import Decoder
from deshi_plugins.students.rule_names import rule_of
from deshi_plugins.students.selection import Floats
from deshi_plugins.students.targets import advance, is_scheduled, loss_targets, mean_size, prepare

_STEPS_OF_A_PASS, _LEAST_BATCH = 30, 8
"""A pass has at least so many steps, unless its batches would be smaller than that."""


class HeadLearner(Protocol):
    """Fits a head to the texts that it was made with, batch by batch."""

    def begin(self, order: npt.NDArray[np.int64], rate: float) -> None:
        """Begin a pass over the texts in this order, with this learning rate."""
        ...

    def scores(self, start: int, end: int) -> Tensor:
        """Return logits, shape (batch, labels), of the texts `start` to `end` of the pass."""
        ...

    def step(self, gradients: Tensor) -> None:
        """Update the weights by the gradients of the logits returned last."""
        ...

    def end(self) -> None:
        """End a pass: the head has to be complete now."""
        ...


class Head(Protocol):
    """Maps features of texts to logits of labels."""

    def __call__(self, rows: Any) -> Tensor:  # noqa: ANN401
        """Return logits, shape (batch, labels), of some rows of the features."""
        ...

    def learner(self, features: Any, decay: float) -> HeadLearner:  # noqa: ANN401
        """Return what fits the head to rows of features, with this weight decay."""
        ...

    def state_dict(self) -> Mapping[str, Tensor]:
        """Return the parameters by name."""
        ...

    def load_state_dict(self, state: Mapping[str, Tensor]) -> Any:  # noqa: ANN401
        """Take up parameters by name."""
        ...


class HeadParams(Protocol):
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
class HeadMaterial:
    """Training texts, and the texts on which epochs are compared; features have a row per text.

    `labels` are (texts, labels) in [0, 1]. `valid_features` are those of the validation texts, or of the
    training texts where there are none, and `expected` their expected labels.
    """

    features: Any
    labels: npt.NDArray[np.float32]
    valid_features: Any
    expected: Sequence[Expected]
    stops: bool
    """Whether there are validation texts for early stopping."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadFit:
    """The result of training beside the head's weights."""

    decoder: Decoder
    report: FitReport


def head_material(
    train: Examples, valid: Examples, loss: Loss, features: Callable[[list[str]], Any]
) -> HeadMaterial:
    """Return the material of a head; `features` makes n rows of n strings. Prepares the loss."""
    compared = valid if valid.texts else train
    prepare(loss, train.counts, len(train.texts))
    return HeadMaterial(
        features=features([text.text for text in train.texts]),
        labels=loss_targets(loss, train),
        valid_features=features([text.text for text in compared.texts]),
        expected=compared.expected,
        stops=bool(valid.texts),
    )


def train_head(
    head: Head,
    material: HeadMaterial,
    loss: Loss,
    course: HeadParams,
    env: Env,
    symbols: Sequence[str],
    generator: torch.Generator,
    rule: DecodingRule | None = None,
) -> HeadFit:
    """Train with a falling learning rate; keep the epoch of the best validation Jaccard.

    `rule` is the decoding rule, by default that of the loss.
    """
    rule = rule or rule_of(loss)
    learner = head.learner(material.features, course.weight_decay)
    size = mean_size(material.labels)
    batch = batch_size(len(material.labels), course.batch_size)
    history: list[dict[str, float]] = []
    best, highest, kept, chosen = 0, -1.0, head.state_dict(), Decoder(rule=rule, state={})
    for epoch in range(1, course.epochs + 1):
        done = (epoch - 1) / course.epochs
        advance(loss, done)
        order = torch.randperm(len(material.labels), generator=generator).numpy()
        learner.begin(order, course.learning_rate * (1 - done))
        mean = _epoch(learner, material.labels[order], loss, batch)
        learner.end()
        values = head_probabilities(head, material.valid_features, rule)
        decoder, jaccard = Decoder.tune(rule, values, material.expected, symbols, size)
        history.append({"epoch": epoch, "train-loss": mean, "valid-jaccard": jaccard})
        env.progress(epoch, course.epochs)
        if jaccard > highest or not material.stops:
            best, highest, chosen = epoch, jaccard, decoder
            kept = {name: value.clone() for name, value in head.state_dict().items()}
        elif epoch - best >= course.patience and not is_scheduled(loss):
            break
    head.load_state_dict(kept)
    notes = {"best-epoch": best, **chosen.notes()}
    return HeadFit(chosen, FitReport(epochs=len(history), history=tuple(history), notes=notes))


def batch_size(texts: int, most: int) -> int:
    """Return the texts per step: fewer for small training sets, whose passes would have few steps."""
    return min(most, max(_LEAST_BATCH, texts // _STEPS_OF_A_PASS))


def _epoch(learner: HeadLearner, labels: npt.NDArray[np.float32], loss: Loss, size: int) -> float:
    """Take one pass over texts with these labels; returns the mean loss."""
    total = 0.0
    for start in range(0, len(labels), size):
        end = min(start + size, len(labels))
        scores = learner.scores(start, end).requires_grad_()
        losses = loss(scores, torch.from_numpy(labels[start:end]))
        (gradients,) = torch.autograd.grad(losses.mean(), scores)
        learner.step(gradients)
        total += float(losses.detach().sum())
    return total / len(labels)


def head_probabilities(head: Head, features: Any, rule: DecodingRule) -> Floats:  # noqa: ANN401
    """Return the probabilities of all labels, shape (texts, labels)."""
    with torch.no_grad():
        return rule.probabilities(head(features).numpy().astype(np.float64))
