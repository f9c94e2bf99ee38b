"""Put a component of any kind to its usual work, and return what came of it in comparable form.

The same work is done by all checks that ask about its side effects: that it can be repeated, that it
leaves its input and the global random state alone, that it tells no secret.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deshi.api import Kind
from deshi.emoji import Alphabet
from deshi.testing import samples
from deshi.testing.asking import ask, content, replies_of, requests_of
from deshi.testing.fitting import SEED, first_fit, fit, rounded
from deshi.testing.scores import losses
from deshi.testing.subject import Subject

TEXTS = 60
"""The texts of a corpus that are looked at."""


def exercise(subject: Subject, component: Any) -> object:  # noqa: ANN401
    """Return what a fresh component did, as values that compare."""
    return _WORK[subject.kind](subject, component)


@dataclass(frozen=True)
class FirstWork:
    """What the first instance did, and which global generators it used."""

    result: object
    used: tuple[str, ...]


def first_work(subject: Subject) -> FirstWork:
    """Return what a first instance with the seed `SEED` did."""
    return subject.once("first work", lambda: _first_work(subject))


def _first_work(subject: Subject) -> FirstWork:
    before = random.getstate(), str(_numpy_state())
    if subject.kind == "student":
        student = first_fit(subject).student
        result: object = rounded(student.predict(samples.easy()[1].texts))
    else:
        with subject.opened(seed=SEED) as component:
            result = exercise(subject, component)
    used = []
    if random.getstate() != before[0]:
        used.append("`random`")
    if str(_numpy_state()) != before[1]:
        used.append("numpy")
    return FirstWork(result, tuple(used))


def _numpy_state() -> object:
    return np.random.get_state(legacy=False)  # noqa: NPY002  (others' use of it is what is asked)


def read(component: Any, most: int = TEXTS) -> list[Any]:  # noqa: ANN401
    """Return the first texts of a corpus."""
    return list(itertools.islice(component.texts(), most))


def learn(subject: Subject, component: Any) -> None:  # noqa: ANN401
    """Let a filter learn what it has to learn first."""
    if subject.can("fits-first"):
        component.restore(component.learn(samples.items()))


def statistics(metric: Any, n: int = 24, alphabet: Alphabet | None = None) -> Any:  # noqa: ANN401
    """Return a metric's counts on drawn answers, as a dense array (n, k)."""
    predicted, expected = samples.answers(n, 0)
    return dense(metric.statistics(predicted, expected, alphabet or Alphabet.full()))


def dense(counts: Any) -> Any:  # noqa: ANN401
    """Return counts as a dense array."""
    return counts.toarray() if hasattr(counts, "toarray") else np.asarray(counts)


def _corpus(_: Subject, component: Any) -> object:  # noqa: ANN401
    return read(component)


def _teacher(subject: Subject, component: Any) -> object:  # noqa: ANN401
    if subject.can("merges-answers"):
        return content(component.merge(replies_of(subject)))
    asked = requests_of(subject, samples.HARD_TEXTS[:6])
    return [content(reply) for reply in ask(component, asked)]


def _filter(subject: Subject, component: Any) -> object:  # noqa: ANN401
    learn(subject, component)
    return list(component.decide(samples.items()))


def _student(subject: Subject, component: Any) -> object:  # noqa: ANN401
    fit(subject, component)
    return rounded(component.predict(samples.easy()[1].texts))


def _metric(_: Subject, component: Any) -> object:  # noqa: ANN401
    return statistics(component).tolist()


_WORK: Mapping[Kind, Callable[[Subject, Any], object]] = {
    "corpus": _corpus,
    "teacher": _teacher,
    "filter": _filter,
    "student": _student,
    "loss": losses,
    "metric": _metric,
}
