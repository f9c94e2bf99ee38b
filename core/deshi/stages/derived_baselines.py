"""Baselines derived from another row's predictions, or from the teacher's own answers.

* `shuffled`: the best row's predictions, permuted across texts. If they score as well, they do not
  depend on the text.
* `oracle`: of the emoji that the best row ever predicts, those that are right. On sets, no row that uses
  these emoji alone could score more: it distinguishes collapse from bad choice.
* `ceiling`: the teacher's further answers, scored against its first one. A student that learns
  from it cannot be expected to agree with it better than it agrees with itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from deshi.api import Emojis, Expected, Prediction

if TYPE_CHECKING:
    from deshi.stages.dataset import Evaluation

Predictions: TypeAlias = tuple[Prediction, ...]
"""One run's predictions for all test texts, in order."""

SHUFFLES = 20
"""Permutations that the permutation baseline is the mean of."""


def derived_baselines(
    wanted: Sequence[str], test_set: Evaluation, row: str, runs: Sequence[Predictions], seed: int
) -> Iterator[tuple[str, str, Sequence[Predictions]]]:
    """Yield the wanted baselines that this group allows: name, how it was derived, and its runs.

    `row` is the best row's id, and `runs` what it predicted.
    """
    for name in wanted:
        if name == "shuffled":
            reason = f"the predictions of {row}, permuted across texts ({SHUFFLES} shuffles)"
            yield name, reason, _shuffled(runs, seed)
        elif name == "oracle":
            used = np.mean([len(vocabulary(predictions)) for predictions in runs])
            reason = f"the gold, limited to the {used:.0f} emoji that {row} ever predicts"
            yield name, reason, [perfect_choice(run, test_set.expected) for run in runs]
        elif test_set.repeats:
            times = f"{len(test_set.repeats) + 1} times"
            reason = f"the teacher against its own first answer; it answered each text {times}"
            yield name, reason, test_set.repeats


def _shuffled(runs: Sequence[Predictions], seed: int) -> list[Predictions]:
    """Permute each run's predictions across texts, `SHUFFLES` times in all."""
    rng = np.random.default_rng(seed)
    shuffled = []
    for at in range(SHUFFLES):
        predictions = runs[at % len(runs)]
        shuffled.append(tuple(predictions[i] for i in rng.permutation(len(predictions))))
    return shuffled


def vocabulary(predictions: Predictions) -> frozenset[str]:
    """Return all emoji of some predictions."""
    return frozenset(emoji for prediction in predictions for emoji in prediction.emojis)


def perfect_choice(predictions: Predictions, expected: Sequence[Expected]) -> Predictions:
    """Return the best predictions from these emoji: of the reference covered best, what they have.

    Rankings are made from the emoji that are ranked anywhere, where there are any.
    """
    known = vocabulary(predictions)
    ranked = [prediction.ranked for prediction in predictions if prediction.ranked is not None]
    rankable = frozenset(emoji for one in ranked for emoji, _ in one)
    return tuple(
        Prediction(
            emojis=_covered(known, item),
            ranked=tuple((e, 1.0) for e in _covered(rankable, item)) if ranked else None,
        )
        for item in expected
    )


def _covered(known: frozenset[str], item: Expected) -> Emojis:
    kept = [tuple(emoji for emoji in gold if emoji in known) for gold in item.references]
    shares = [
        len(own) / len(gold) if gold else 1.0
        for own, gold in zip(kept, item.references, strict=True)
    ]
    return kept[int(np.argmax(shares))]
