"""Put a component of any kind to its usual work, and return what came of it in comparable form.

The same work is done by all checks that ask about its side effects: that it can be repeated, that it
leaves its input and the global random state alone, that it tells no secret.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import numpy as np

from deshi.api import AttemptError, ComponentError, Examples, Loss, Prediction, Reply, Request
from deshi.emoji import Alphabet
from deshi.testing import samples
from deshi.testing.check import Broken, NotApplicable
from deshi.testing.subject import Subject

if TYPE_CHECKING:
    from deshi.api import FitReport

TEXTS = 60
"""The texts of a corpus that are looked at."""
_LABELS = 6


def exercise(subject: Subject, component: Any) -> object:  # noqa: ANN401
    """Return what a fresh component did, as values that compare."""
    return _WORK[subject.kind](subject, component)


def read(component: Any, most: int = TEXTS) -> list[Any]:  # noqa: ANN401
    """Return the first texts of a corpus."""
    return list(itertools.islice(component.texts(), most))


async def _answered(component: Any, request: Request) -> Reply | AttemptError:  # noqa: ANN401
    try:
        answering = component.answer(request)
        if not inspect.isawaitable(answering):
            kind = type(answering).__name__
            raise Broken(f"answer() returns a {kind} at once: write `async def answer`")
        reply: Reply = await answering
    except AttemptError as error:
        return error
    return reply


def ask(component: Any, requests: Sequence[Request]) -> list[Reply | AttemptError]:  # noqa: ANN401
    """Return a teacher's answers to requests, one after the other, in one event loop."""

    async def work() -> list[Reply | AttemptError]:
        async with _entered(component) as teacher:
            return [await _answered(teacher, request) for request in requests]

    return anyio.run(work)


def ask_at_once(component: Any, requests: Sequence[Request]) -> list[Reply | AttemptError]:  # noqa: ANN401
    """Return a teacher's answers to requests that are all under way at the same time."""
    found: dict[int, Reply | AttemptError] = {}

    async def one(teacher: Any, at: int) -> None:  # noqa: ANN401
        found[at] = await _answered(teacher, requests[at])

    async def work() -> None:
        async with _entered(component) as teacher, anyio.create_task_group() as group:
            for at in range(len(requests)):
                group.start_soon(one, teacher, at)

    anyio.run(work)
    return [found[at] for at in range(len(requests))]


def _entered(component: Any) -> contextlib.AbstractAsyncContextManager[Any]:  # noqa: ANN401
    if hasattr(component, "__aenter__"):
        found: contextlib.AbstractAsyncContextManager[Any] = component
        return found
    return contextlib.nullcontext(component)


def content(reply: Reply | AttemptError) -> tuple[str, str]:
    """Return what compares of a reply: its text and how it ended, or how the attempt failed."""
    if isinstance(reply, Reply):
        return reply.content, reply.finish
    return "", reply.outcome


def loss_for(subject: Subject) -> Loss | None:
    """Return a loss of deshi's own that the student takes, or None for one that takes none."""
    if subject.spec.trains_on is None and subject.spec.combines is None:
        return None
    name = "ce" if subject.spec.trains_on == "tokens" else "bce"
    loss: Loss = subject.other("loss", name)
    return loss


def fit(
    subject: Subject,
    student: Any,  # noqa: ANN401
    train: Examples | None = None,
    valid: Examples | None = None,
) -> FitReport:
    """Fit a student on easy examples, or on those that are given."""
    easy_train, easy_valid = samples.easy()
    train = train if train is not None else easy_train
    valid = valid if valid is not None else easy_valid
    with members(subject, train, valid) as combined:
        if combined:
            student.combine(combined)
        report: FitReport = student.fit(train, valid, loss_for(subject))
    return report


@contextlib.contextmanager
def members(subject: Subject, train: Examples, valid: Examples) -> Iterator[Mapping[str, Any]]:
    """Yield the fitted students that a student combines, by the names of their entries."""
    found: dict[str, Any] = {}
    for name in subject.member_names:
        entry = subject.registry.entry("student", name)
        resolved = subject.registry.resolve(entry)
        env = subject.env(Path())
        student: Any = subject.registry.create(
            "student", resolved.component, resolved.params_json, env
        )
        takes_loss = resolved.spec.trains_on is not None  # type: ignore[attr-defined]
        student.fit(train, valid, subject.other("loss", "bce") if takes_loss else None)
        found[name] = student
    yield found


def rounded(predictions: Sequence[Prediction]) -> list[tuple[object, ...]]:
    """Return predictions as they compare: scores to five digits, which threads may move beyond."""
    return [
        (
            one.emojis,
            one.unknown,
            tuple((emoji, round(float(score), 5)) for emoji, score in one.ranked or ()),
        )
        for one in predictions
    ]


def label_scores(dtype: Any = None) -> tuple[Any, Any]:  # noqa: ANN401
    """Return logits and targets for label losses, (batch, labels), from a fixed draw."""
    torch = torch_or_skip()
    chance = np.random.default_rng(0)
    scores = torch.tensor(chance.normal(0, 2, (5, _LABELS)), dtype=dtype or torch.float64)
    targets = torch.zeros(5, _LABELS, dtype=scores.dtype)
    for row in range(5):
        targets[row, row % _LABELS] = targets[row, (row * 2 + 1) % _LABELS] = 1
    return scores, targets


def token_scores(dtype: Any = None) -> tuple[Any, Any, Any]:  # noqa: ANN401
    """Return logits (batch, steps, vocabulary), targets and mask (batch, steps)."""
    torch = torch_or_skip()
    chance = np.random.default_rng(1)
    scores = torch.tensor(chance.normal(0, 2, (4, 3, _LABELS)), dtype=dtype or torch.float64)
    targets = torch.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 0], [2, 0, 0]])
    mask = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 1, 1], [1, 1, 0]], dtype=scores.dtype)
    return scores, targets, mask


def ready(subject: Subject, loss: Any) -> Any:  # noqa: ANN401
    """Return a loss that knows the label counts, and that training is at its end, where it asks."""
    if subject.can("uses-counts"):
        loss.prepare(np.array([90.0, 50, 20, 9, 3, 1])[:_LABELS], 100)
    if subject.can("scheduled"):
        loss.at(1.0)
    return loss


def losses(subject: Subject, loss: Any) -> dict[str, list[float]]:  # noqa: ANN401
    """Return the value of each item, for each shape that the loss takes."""
    ready(subject, loss)
    given = {"labels": (*label_scores(), None), "tokens": token_scores()}
    return {shape: loss(*given[shape]).tolist() for shape in shapes(subject, loss)}


def shapes(subject: Subject, loss: Any) -> list[str]:  # noqa: ANN401
    """Return the shapes that a loss takes: those of its spec, less what its parameters rule out.

    It rules one out by a ComponentError that says how to mend it. With default parameters it has to
    take all that its spec says.
    """
    given = {"labels": (*label_scores(), None), "tokens": token_scores()}
    found, refused = [], None
    for shape in sorted(subject.spec.takes & given.keys()):
        try:
            loss(*given[shape])
        except ComponentError as error:
            if not error.mend or subject.has_default_params:
                raise
            refused = error
        else:
            found.append(shape)
    if refused is not None and not found:
        raise refused
    return found


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


def requests_of(subject: Subject, strings: Sequence[str], *tasks: str) -> list[Request]:
    """Return requests for each task of a teacher, or for those named, with its entry's prompt."""
    entry = subject.resolved.entry
    prompt = subject.registry.prompt(entry.prompt) if entry.prompt else samples.PROMPT
    named: tuple[Any, ...] = tasks or tuple(sorted(subject.spec.tasks))
    return [one for task in named for one in samples.requests(task, strings, prompt)]


def replies_of(subject: Subject) -> dict[str, Reply]:
    """Return one answer of each member that a teacher merges."""
    names = subject.member_names or ("one", "two")
    return {name: Reply(" ".join(samples.EMOJI[at : at + 2])) for at, name in enumerate(names)}


def _filter(subject: Subject, component: Any) -> object:  # noqa: ANN401
    learn(subject, component)
    return list(component.judge(samples.items()))


def learn(subject: Subject, component: Any) -> None:  # noqa: ANN401
    """Let a filter learn what it has to learn first."""
    if subject.can("fits-first"):
        component.restore(component.learn(samples.items()))


def _student(subject: Subject, component: Any) -> object:  # noqa: ANN401
    fit(subject, component)
    return rounded(component.predict(samples.easy()[1].texts))


def _loss(subject: Subject, component: Any) -> object:  # noqa: ANN401
    return losses(subject, component)


def _metric(_: Subject, component: Any) -> object:  # noqa: ANN401
    return statistics(component).tolist()


def torch_or_skip() -> Any:  # noqa: ANN401
    """Return torch; without it a check does not apply."""
    try:
        import torch
    except ImportError:
        raise NotApplicable("torch is not installed: pip install 'deshi[neural]'") from None
    return torch


_WORK: Mapping[str, Any] = {
    "corpus": _corpus,
    "teacher": _teacher,
    "filter": _filter,
    "student": _student,
    "loss": _loss,
    "metric": _metric,
}
