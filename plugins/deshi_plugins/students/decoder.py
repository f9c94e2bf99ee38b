"""A decoding rule with its tuned state: from a model's scores to predictions.

Names of shapes: n texts, c labels, k ranks, at most five.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from deshi.api import ComponentError, DecodingRule, Expected, Json, Prediction
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.rule_names import load_rule, rule_name
from deshi_plugins.students.selection import (
    END,
    Floats,
    Integers,
    predictions,
    selection_jaccard,
)

_RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """A rule with its state, which `tune` learned on validation."""

    rule: DecodingRule
    state: Mapping[str, Json]

    @classmethod
    def tune(
        cls,
        rule: DecodingRule,
        probabilities: Floats,
        expected: Sequence[Expected],
        symbols: Sequence[str],
        size: float,
    ) -> tuple[Decoder, float]:
        """Return the rule with its state tuned on (n, c) probabilities, and its mean Jaccard there.

        n is at least 1. See `deshi.api.DecodingRule.tune`.
        """
        state = _stored(rule, rule.tune(probabilities, expected, symbols, size))
        decoder = cls(rule=rule, state=state)
        labels = decoder.select(probabilities, MAX_EMOJI)
        return decoder, float(selection_jaccard(labels, symbols, expected).mean())

    def probabilities(self, scores: npt.ArrayLike) -> Floats:
        """Return probabilities of labels from a model's scores, (n, c) to (n, c)."""
        return self.rule.probabilities(np.asarray(scores, dtype=np.float64))

    def select(self, probabilities: Floats, most: int) -> Integers:
        """Return each text's labels, (n, c) to (n, k) with -1 after the last.

        Raises:
            ComponentError: the rule returned something else.
        """
        labels = self.rule.select(probabilities, most, self.state)
        if fault := _fault(labels, probabilities.shape, most):
            raise ComponentError(
                fault,
                where=f"{_where(self.rule)}: select",
                fix="return indices of labels, the first of each row a label, -1 after the last",
            )
        return labels

    def predict(self, probabilities: Floats, most: int, symbols: Sequence[str]) -> list[Prediction]:
        """Return the predictions of (n, c) probabilities, with at most so many emoji each."""
        return predictions(probabilities, self.select(probabilities, most), symbols)

    def with_threshold(self, threshold: float | None) -> Decoder:
        """Return the decoder with this threshold, where there is one and the rule has a threshold."""
        if threshold is None or "threshold" not in self.state:
            return self
        return replace(self, state={**self.state, "threshold": threshold})

    def notes(self) -> dict[str, Json]:
        """Return the notes on the rule for the training report."""
        return {"threshold": self.state["threshold"]} if "threshold" in self.state else {}

    def to_json(self) -> dict[str, Json]:
        """Return the decoder as a student stores it: the rule's name, and its state beside it."""
        return {_RULE: rule_name(self.rule), **self.state}

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> Decoder:
        """Return the decoder that `to_json` stored.

        Raises:
            ComponentError: the plugin of its rule is not installed here.
        """
        state = {key: value for key, value in stored.items() if key != _RULE}
        return cls(rule=load_rule(stored[_RULE]), state=state)


def _where(rule: DecodingRule) -> str:
    return f"decoding rule {type(rule).__module__}:{type(rule).__qualname__}"


def _stored(rule: DecodingRule, state: object) -> Mapping[str, Json]:
    """Return a state as it comes back from JSON, so that a loaded student predicts alike."""
    try:
        if isinstance(state, Mapping) and _RULE not in state:
            stored: dict[str, Json] = json.loads(json.dumps(dict(state)))
            return stored
    except (TypeError, ValueError):
        pass
    raise ComponentError(
        f"it returned {state!r:.120}",
        where=f"{_where(rule)}: tune",
        fix=f"return a JSON object without the key '{_RULE}'",
    )


def _fault(labels: object, shape: tuple[int, ...], most: int) -> str:
    """Return why a rule's selection from values of this shape is invalid; empty if it is valid."""
    texts, known = shape
    if not isinstance(labels, np.ndarray) or labels.ndim != 2 or labels.dtype.kind != "i":
        return f"it returned {type(labels).__name__}, not a matrix of integers"
    if len(labels) != texts or not 1 <= labels.shape[1] <= most:
        return f"for {texts} texts and at most {most} labels its shape is {labels.shape}"
    if not texts:
        return ""
    if labels.max() >= known or labels.min() < END:
        return f"it selected labels {labels.min()} to {labels.max()} of {known}"
    if (labels[:, 0] == END).any() or (np.diff((labels == END).astype(np.int8)) < 0).any():
        return "a row begins with -1, or has a label after it"
    ordered = np.sort(labels, axis=-1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != END)).any():
        return "a row has a label twice"
    return ""
