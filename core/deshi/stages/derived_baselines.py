"""Baselines derived from another row's predictions, or from the teacher's own answers.

* `shuffled`: the best row's predictions, permuted across texts. If they score as well, they do not
  depend on the text.
* `oracle`: of the emoji that the best row ever predicts, those that are right. On sets, no row that uses
  these emoji alone could score more: it distinguishes collapse from bad choice.
* `ceiling`: the teacher's further answers, scored against its first one. A student that learns
  from it cannot be expected to agree with it better than it agrees with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from deshi.api import Emojis, Expected, Prediction

if TYPE_CHECKING:
    from deshi.stages.dataset import Evaluation

Predictions: TypeAlias = tuple[Prediction, ...]
"""One run's predictions for all test texts, in order."""

SHUFFLES = 20
"""Permutations that the permutation baseline is the mean of."""


@dataclass(frozen=True)
class BestRow:
    """The row that a baseline is derived from: its id and the predictions of its runs."""

    row: str
    runs: Sequence[Predictions]


@dataclass(frozen=True)
class DerivedBaseline:
    """A baseline's runs, and how it was derived."""

    name: str
    reason: str
    runs: Sequence[Predictions]


def derived_baselines(
    wanted: Sequence[str], test_set: Evaluation, best: BestRow, seed: int
) -> Iterator[DerivedBaseline]:
    """Yield the wanted baselines that this group allows."""
    makers: Mapping[str, Callable[[], DerivedBaseline | None]] = {
        "shuffled": lambda: shuffled(best, seed),
        "oracle": lambda: oracle(best, test_set.expected),
        "ceiling": lambda: ceiling(test_set),
    }
    for name in wanted:
        found = makers[name]()
        if found is not None:
            yield found


def shuffled(best: BestRow, seed: int) -> DerivedBaseline:
    """Permute each run's predictions across texts, `SHUFFLES` times in all."""
    rng = np.random.default_rng(seed)
    runs = []
    for at in range(SHUFFLES):
        predictions = best.runs[at % len(best.runs)]
        runs.append(tuple(predictions[i] for i in rng.permutation(len(predictions))))
    reason = f"the predictions of {best.row}, permuted across texts ({SHUFFLES} shuffles)"
    return DerivedBaseline("shuffled", reason, runs)


def oracle(best: BestRow, expected: Sequence[Expected]) -> DerivedBaseline:
    """Choose perfectly among the emoji that each run of the best row predicts anywhere."""
    runs = [perfect_choice(predictions, expected) for predictions in best.runs]
    used = np.mean([len(vocabulary(predictions)) for predictions in best.runs])
    reason = f"the gold, limited to the {used:.0f} emoji that {best.row} ever predicts"
    return DerivedBaseline("oracle", reason, runs)


def ceiling(test_set: Evaluation) -> DerivedBaseline | None:
    """Score the teacher's further answers against its first; None if there is one."""
    if not test_set.repeats:
        return None
    times = f"{len(test_set.repeats) + 1} times"
    reason = f"the teacher against its own first answer; it answered each text {times}"
    return DerivedBaseline("ceiling", reason, test_set.repeats)


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
