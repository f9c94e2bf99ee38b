"""Decoding rules: how scores of labels become a set of emoji for each text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, runtime_checkable

from deshi.api.records import Json

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from deshi.api.records import Array, Expected

RuleName: TypeAlias = Literal["expected-jaccard", "threshold", "zero"]
"""The names of the rules that every student which trains on labels knows."""


@runtime_checkable
class DecodingRule(Protocol):
    """A rule that turns scores of labels into a set of one to five emoji for each text.

    Names of shapes: n texts, c labels of the training alphabet, k labels of a row, at most `most`.

    A rule keeps nothing between calls. Whatever it learns is the state that `tune` returns; the student
    stores it with its weights and passes it to `select`. A student that is loaded makes the rule anew,
    from its class and without arguments, so the class stands at the top of a module of a plugin.
    """

    @abstractmethod
    def probabilities(self, scores: Array) -> Array:
        """Return the probabilities of labels from a model's scores, (n, c) to (n, c).

        Which function of the scores that is follows from the loss: softmax, sigmoid or another.
        `Prediction.ranked` has these values, the highest first.
        """

    @abstractmethod
    def bias(self, frequencies: Array) -> Array:
        """Return scores whose probabilities are the labels' frequencies in (0, 1), (c,) to (c,).

        The biases of a model begin at these scores.
        """

    @abstractmethod
    def tune(
        self,
        probabilities: Array,
        expected: Sequence[Expected],
        symbols: Sequence[str],
        size: float,
    ) -> Mapping[str, Json]:
        """Return the state for `select`, a JSON object without the key `rule`.

        `probabilities` (n, c) and `expected` (n) are those of the validation texts, or of the training
        texts where there are none; n is at least 1. `symbols` (c) are the emoji of the labels. `size`
        is the mean number of labels of a training text.
        """

    @abstractmethod
    def select(
        self, probabilities: Array, most: int, state: Mapping[str, Json]
    ) -> npt.NDArray[np.intp]:
        """Return each text's labels in the order of the prediction, (n, c) to (n, k).

        A row has one to k different labels, as indices into the alphabet, and -1 after the last.
        """


Decoding: TypeAlias = RuleName | DecodingRule
"""What a loss names as its rule: one that every student knows, or a rule of its own."""
