"""Put a component of any kind to its usual work, and return what came of it in comparable form.

The same work is done by all checks that ask about its side effects: that it can be repeated, that it
leaves its input and the global random state alone, that it tells no secret.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from deshi.api import Kind
from deshi.emoji import Alphabet
from deshi.testing import samples
from deshi.testing.asking import ask, content, replies_of, requests_of
from deshi.testing.fitting import fit, rounded
from deshi.testing.scores import losses
from deshi.testing.subject import Subject

TEXTS = 60
"""The texts of a corpus that are looked at."""


def exercise(subject: Subject, component: Any) -> object:  # noqa: ANN401
    """Return what a fresh component did, as values that compare."""
    return _WORK[subject.kind](subject, component)


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
